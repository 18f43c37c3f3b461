/// Texts as numbers by sorted name, the rare ones merged into `other`.
struct ClassNumbers {
    /// The distinct texts, sorted.
    let names: [String]
    /// The place in `names` of each text.
    let numbers: [Int32]

    /// The name of what is too rare for one of its own.
    static let other = "other"

    /// Numbers `texts`, of which at most `limit` stay apart.
    ///
    /// The most frequent stay, of equally frequent ones those that come first. `other` needs a place among
    /// them, unless it is one of the most frequent names itself.
    init(_ texts: [String], limit: Int = .max) {
        var places: [String: Int] = [:]
        var counts: [(name: String, count: Int)] = []
        let raw = texts.map { text in
            let place = places[text] ?? counts.count
            if place == counts.count {
                places[text] = place
                counts.append((text, 0))
            }
            counts[place].count += 1
            return place
        }
        var merged = counts.map(\.name)
        if counts.count > limit {
            let ranking = counts.indices.sorted { (-counts[$0].count, $0) < (-counts[$1].count, $1) }
            let hasOther = ranking.prefix(limit).contains { counts[$0].name == Self.other }
            for place in ranking.dropFirst(hasOther ? limit : limit - 1) { merged[place] = Self.other }
        }
        let names = Set(merged).sorted()
        let byName = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        let final = merged.map { byName[$0] ?? 0 }
        self.names = names
        numbers = raw.map { final[$0] }
    }
}
