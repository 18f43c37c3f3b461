/// The numbers of a backtest. They bind every policy alike.
public struct BacktestConfiguration: Sendable, Equatable {
    /// In how many partitions a customer's data may be: 1, it moves as a whole; 2, it may have a shadow.
    public var copies = 2
    /// How long a new copy is populated before reads can go there, in milliseconds.
    public var leadMillis: Int64 = 600_000
    /// What a move sends from partition to partition, in bytes.
    public var customerBytes: Int64 = 1 << 20
    /// What a remote read sends, in bytes.
    public var readBytes: Int64 = 16 << 10
    /// The most moves per million reads, counted from the start of the trace; nil for as many as a policy likes.
    public var movesPerMillionReads: Int64?
    /// The most copies in one partition; nil for as many as there are customers. Homes are always let in.
    public var capacity: Int?

    /// The defaults.
    public init() {}

    /// Checks every number against its range.
    public func validate() throws(BacktestFailure) {
        try check((1...2).contains(copies), "copies", "1 or 2")
        try check((0...31 * 86_400_000).contains(leadMillis), "leadMillis", "0 to 31 days")
        try check((0...1 << 40).contains(customerBytes), "customerBytes", "0 to 2^40")
        try check((0...1 << 40).contains(readBytes), "readBytes", "0 to 2^40")
        try check(
            (0...1_000_000).contains(movesPerMillionReads ?? 0), "movesPerMillionReads", "0 to a million")
        try check((1...1 << 31).contains(capacity ?? 1), "capacity", "1 to 2^31")
    }

    private func check(_ holds: Bool, _ name: String, _ range: String) throws(BacktestFailure) {
        if !holds { throw .outOfRange(name: name, range: range) }
    }
}

/// Why a backtest cannot be made.
public enum BacktestFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The number called `name` is outside of its range. Set it to one of the range.
    case outOfRange(name: String, range: String)
    /// This line of a file of round-trip times is none. Mend it.
    case badRoundTrip(line: Int, reason: String)
    /// The file of round-trip times does not say how far these regions are. Add the pair, or an alias.
    case noRoundTrip(from: String, to: String)
    /// No customer comes twice, so nothing is read after the first placement.
    case nothingToRead

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let range): "backtest: \(name) must be \(range)"
        case .badRoundTrip(let line, let reason): "round-trip times, line \(line): \(reason)"
        case .noRoundTrip(let from, let to): "no round-trip time from '\(from)' to '\(to)'"
        case .nothingToRead: "nothing to place: no customer of the trace has a second access"
        }
    }
}
