/// Round-trip times between the regions of a trace, in microseconds.
public struct RoundTripTimes: Sendable, Equatable {
    /// How many regions.
    public let regions: Int
    private let micros: [Int64]  // from x to

    /// The same time to every other region, and another within one; in milliseconds.
    public init(regions: Int, localMillis: Double, remoteMillis: Double) {
        self.regions = regions
        micros = (0..<regions * regions).map { place in
            let isLocal = place / regions == place % regions
            return Self.micros(isLocal ? localMillis : remoteMillis)
        }
    }

    /// Reads `from,to,milliseconds` lines for the regions of these names.
    ///
    /// `name,=,region` lets a region of the trace stand where one of the file is. A pair holds in the other
    /// direction, too, where that is not given. Within a region, and between two that stand at the same place,
    /// `localMillis` holds where the file gives nothing. Empty lines and lines that start with # are left out.
    public init(_ text: String, names: [String], localMillis: Double) throws(BacktestFailure) {
        var aliases: [String: String] = [:]
        var times: [Pair: Int64] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 3 else {
                throw .badRoundTrip(
                    line: number + 1, reason: "expected from,to,milliseconds or name,=,region")
            }
            if fields[1] == "=" {
                aliases[fields[0]] = fields[2]
            } else if let millis = Double(fields[2]), (0...60_000).contains(millis) {
                times[Pair(from: fields[0], to: fields[1])] = Self.micros(millis)
            } else {
                throw .badRoundTrip(line: number + 1, reason: "'\(fields[2])' is not 0 to 60000 milliseconds")
            }
        }
        var micros: [Int64] = []
        for from in names {
            for to in names {
                let (a, b) = (aliases[from] ?? from, aliases[to] ?? to)
                if let time = times[Pair(from: a, to: b)] ?? times[Pair(from: b, to: a)] {
                    micros.append(time)
                } else if a == b {
                    micros.append(Self.micros(localMillis))
                } else {
                    throw .noRoundTrip(from: from, to: to)
                }
            }
        }
        regions = names.count
        self.micros = micros
    }

    /// The time from a region to a partition, which is a region.
    func time(from region: Int32, to partition: Int32) -> Int64 {
        micros[Int(region) * regions + Int(partition)]
    }

    private struct Pair: Hashable {
        var from: String
        var to: String
    }

    private static func micros(_ millis: Double) -> Int64 { Int64((millis * 1_000).rounded()) }
}
