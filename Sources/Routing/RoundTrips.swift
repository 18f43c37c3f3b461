/// How near partitions are to each other, from the round-trip times between them.
public struct RoundTrips: Sendable, Equatable {
    /// Why times cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A line is not `from,to,milliseconds` or `name,=,region`, or its time is not 0 to 60,000 ms.
        case malformed(line: Int)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .malformed(let line):
                "line \(line) of the round-trip times: from,to,milliseconds (0 to 60000) or name,=,region is needed"
            }
        }
    }

    /// How many partitions.
    public let count: Int
    private let nearness: [Double]  // from x to: 1 - time / longest

    /// Nothing is known: every partition is as far as any other, and near itself.
    public init(unknown count: Int) {
        self.count = count
        nearness = (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 }
    }

    /// Reads `from,to,milliseconds` lines for partitions of these names, region or region/domain.
    ///
    /// `name,=,region` lets a region stand where one of the file is. A pair holds in the other direction, too, where
    /// that is not given. A partition is at no distance from those of its own region, where the file gives
    /// none; a pair that the file does not give is as far as the farthest. Empty lines and lines that start
    /// with # are left out.
    public init(_ text: String, names: [String]) throws(Failure) {
        var aliases: [Substring: String] = [:]
        var times: [[String]: Double] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 3 else { throw .malformed(line: number + 1) }
            if fields[1] == "=" {
                aliases[fields[0]] = String(fields[2])
            } else if let millis = Double(fields[2]), (0...60_000).contains(millis) {
                times[[String(fields[0]), String(fields[1])]] = millis
            } else {
                throw .malformed(line: number + 1)
            }
        }
        let regions = names.map { name in
            let region = name.prefix { $0 != "/" }
            return aliases[region] ?? String(region)
        }
        let known = regions.map { from in
            regions.map { to in times[[from, to]] ?? times[[to, from]] ?? (from == to ? 0 : nil) }
        }
        let longest = known.flatMap { $0.compactMap { $0 } }.max() ?? 0
        count = names.count
        nearness = known.flatMap { row in
            row.map { time in
                guard let time else { return 0 }
                return longest > 0 ? 1 - time / longest : 1
            }
        }
    }

    /// From 0, as far as can be, to 1, no distance; from a partition to all others.
    func nearness(from: Int) -> ArraySlice<Double> { nearness[from * count..<(from + 1) * count] }
}
