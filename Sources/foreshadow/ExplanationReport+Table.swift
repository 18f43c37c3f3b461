import Affinity
import Contracts
import Foundation

/// For people: a sentence, the experts by weight, and the vector as bars; 100 columns wide at most.
extension ExplanationReport {
    /// All of it.
    var text: String {
        [sentence, vector, experts, shareExperts, legend].joined(separator: "\n\n")
    }

    // MARK: In words

    /// Who the customer is, where it is most likely next, and why.
    var sentence: String {
        let e = explanation
        var who = "customer \(Self.printable(customer)), home \(name(e.home)), \(e.stage.name), "
        switch (e.accesses, e.lastTime) {
        case (0, _), (_, nil): who += "no access yet"
        case (1, let time?): who += "1 access, from \(name(e.last)) \(Self.ago(asOf - time))"
        case (let count, let time?):
            let run = e.run > 1 ? "the last \(e.run) from" : "the last from"
            who += "\(count) accesses, \(run) \(name(e.last)), \(Self.ago(asOf - time))"
        }
        let likely = "most likely next \(name(e.mostLikely)) \(Self.figure(e.next[Int(e.mostLikely)], 2))"
        return Self.wrapped("\(who): \(likely), because \(reason).", width: Self.width)
    }

    /// Whatever speaks most for the pool's top.
    private var reason: String {
        let e = explanation
        guard let second = e.runnerUp else { return "there is no other partition" }
        if e.mostLikely != e.poolTop {
            return "calibration takes the pool's \(Self.figure(e.pooled, 2)) for \(name(e.poolTop)) down to "
                + Self.figure(e.calibrated, 2)
        }
        let speakers = e.opinions.filter { $0.support > 0.05 }.sorted { $0.support > $1.support }.prefix(2)
        if speakers.isEmpty { return "little tells it apart from \(name(second))" }
        let words = speakers.map { speaker in
            if speaker.expert == .mixture {
                return "the mixture\(leader) gives it \(Self.figure(speaker.ofPoolTop, 2))"
            }
            return
                "\(speaker.expert) (\(speaker.expert.meaning)) gives it \(Self.figure(speaker.ofPoolTop, 2))"
        }
        return "\(words.joined(separator: " and ")); second is \(name(second))"
    }

    /// The expert that the mixture trusts most.
    private var leader: String {
        let heaviest = explanation.opinions.filter { $0.weight != nil }
            .max { ($0.weight ?? 0) < ($1.weight ?? 0) }
        guard let heaviest, let weight = heaviest.weight else { return "" }
        return " of experts, \(heaviest.expert) first with \(Self.figure(weight, 2)),"
    }

    private var legend: String {
        let e = explanation
        let high = e.high.isEmpty ? "none" : e.high.map(name).joined(separator: ", ")
        let network = e.model.map { "the network is '\($0)'" } ?? "no network takes part"
        return Self.wrapped(
            """
            As of \(Self.moment(asOf)). High: \(high). Its forecasts of late cost \(Self.figure(e.surprise, 2)) nats an \
            access; \(network). weight: in the mixture, by past log loss. pool: the exponent in the log-linear pool. for \
            it: what that adds, in nats, to the log odds of \(name(e.poolTop)) against \
            \(e.runnerUp.map(name) ?? "nothing").
            """, width: Self.width)
    }

    // MARK: Tables

    /// The vector as bars, the likeliest partition first.
    var vector: String {
        let e = explanation
        let order = partitions.indices.sorted {
            let (a, b) = (max(e.next[$0], e.share[$0]), max(e.next[$1], e.share[$1]))
            return a != b ? a > b : $0 < $1
        }
        let shown = order.prefix(Self.partitionsMax).filter { max(e.next[$0], e.share[$0]) >= 0.005 }
        var rows = [["partition", "next", "", "share", ""]]
        for k in shown {
            rows.append(
                [short(PartitionIndex(k)), Self.figure(e.next[k], 3), Self.bar(e.next[k])]
                    + [Self.figure(e.share[k], 3), Self.bar(e.share[k])])
        }
        let rest = partitions.indices.filter { !shown.contains($0) }
        if !rest.isEmpty {
            let (next, share) = (rest.reduce(0) { $0 + e.next[$1] }, rest.reduce(0) { $0 + e.share[$1] })
            rows.append(["\(rest.count) others", Self.figure(next, 3), "", Self.figure(share, 3), ""])
        }
        return Self.table(rows, left: [0, 2, 4])
    }

    /// The experts of the next access by weight, then what is made of them.
    private var experts: String {
        let e = explanation
        var rows = [["next", "weight", "pool", "likeliest", "", "of top", "for it", "goes by"]]
        let byWeight = e.opinions.filter { $0.weight != nil }.sorted { ($0.weight ?? 0) > ($1.weight ?? 0) }
        for opinion in byWeight + e.opinions.filter({ $0.weight == nil }) {
            rows.append([
                "\(opinion.expert)", opinion.weight.map { Self.figure($0, 3) } ?? "",
                Self.figure(opinion.poolWeight, 2), short(opinion.top), Self.figure(opinion.probability, 3),
                Self.figure(opinion.ofPoolTop, 3), Self.figure(opinion.support, 2), opinion.expert.meaning,
            ])
        }
        let top = short(e.poolTop)
        rows.append([
            "biases", "", "", "", "", "", Self.figure(e.biasSupport, 2), "how often places come at all",
        ])
        rows.append([
            "pool", "", "", top, Self.figure(e.pooled, 3), Self.figure(e.pooled, 3), "", "all of the above",
        ])
        let calibrated = Self.figure(e.calibrated, 3)
        rows.append(["calibrated", "", "", top, calibrated, calibrated, "", "how often such tops came true"])
        return Self.table(rows, left: [0, 3, 7])
    }

    /// A partition's name, cut to a column's width.
    private func short(_ partition: PartitionIndex) -> String {
        let name = Self.printable(name(partition))
        return name.count <= Self.nameMax ? name : name.prefix(Self.nameMax - 1) + "…"
    }

    /// The experts of the share by weight.
    private var shareExperts: String {
        let e = explanation
        var rows = [["share", "weight", "greatest", "", "part"]]
        for opinion in e.shareOpinions.sorted(by: { $0.weight > $1.weight }) {
            rows.append([
                "\(opinion.expert)", Self.figure(opinion.weight, 3), short(opinion.top),
                Self.figure(opinion.probability, 3), Self.figure(opinion.part, 3),
            ])
        }
        let greatest = e.share[Int(e.greatestShare)]
        rows.append([
            "mixture", "", short(e.greatestShare), Self.figure(greatest, 3), Self.figure(greatest, 3),
        ])
        return Self.table(rows, left: [0, 2])
    }
}

extension ExplanationReport {
    fileprivate static let width = 100
    fileprivate static let nameMax = 16
    fileprivate static let partitionsMax = 10

    /// Columns, two spaces apart; those in `left` begin at the same place, the others end there.
    fileprivate static func table(_ rows: [[String]], left: Set<Int>) -> String {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return left.contains(column) ? cell + space : space + cell
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    fileprivate static func bar(_ fraction: Double) -> String {
        String(repeating: "█", count: Int((max(0, min(1, fraction)) * 28).rounded()))
    }

    fileprivate static func figure(_ value: Double, _ decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", value)
        return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) }
            ? String(text.dropFirst()) : text
    }

    fileprivate static func moment(_ time: EventTime) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).ISO8601Format()
    }

    /// 3 h ago; in the largest unit of which there are at least two, or in seconds.
    static func ago(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1_000)
        for (length, unit) in [(86_400, "days"), (3_600, "h"), (60, "min")] as [(Int64, String)]
        where seconds >= 2 * length { return "\(seconds / length) \(unit) ago" }
        return "\(seconds) s ago"
    }

    /// Lines of whole words.
    static func wrapped(_ text: String, width: Int) -> String {
        var lines = [""]
        for word in text.split(whereSeparator: \.isWhitespace) {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Expert {
    /// What it goes by, in a few words.
    fileprivate var meaning: String {
        switch self {
        case .global: "any customer's places"
        case .recent: "any customer's places of late"
        case .home: "what follows at this home"
        case .last: "staying, as others stay"
        case .short: "its last few accesses"
        case .medium: "its last dozens of accesses"
        case .long: "its last hundred accesses"
        case .fading: "its last weeks"
        case .hour: "what follows at this hour"
        case .markov: "what follows this place"
        case .second: "what follows the last two"
        case .place: "what follows in this domain"
        case .context: "what follows such an access"
        case .atHour: "its places at the coming hour"
        case .network: "the recurrent network"
        case .mixture: "the experts by weight"
        }
    }
}
