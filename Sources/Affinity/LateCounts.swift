import Contracts

/// How many accesses were late, by how long before their customer's last one they happened.
public struct LateCounts: Sendable, Equatable {
    /// At most a minute.
    public internal(set) var minute: Int64 = 0
    /// At most an hour.
    public internal(set) var hour: Int64 = 0
    /// At most a day.
    public internal(set) var day: Int64 = 0
    /// Longer.
    public internal(set) var longer: Int64 = 0

    /// None yet.
    public init() {}

    /// All of them.
    public var total: Int64 { minute + hour + day + longer }

    /// The sums of two counts.
    public static func + (a: LateCounts, b: LateCounts) -> LateCounts {
        var sum = a
        sum.minute += b.minute
        sum.hour += b.hour
        sum.day += b.day
        sum.longer += b.longer
        return sum
    }

    /// Counts one that was late by so many milliseconds.
    mutating func add(_ millis: Int64) {
        switch millis {
        case ...60_000: minute += 1
        case ...3_600_000: hour += 1
        case ...86_400_000: day += 1
        default: longer += 1
        }
    }

    func encode(into state: inout StateWriter) {
        for count in [minute, hour, day, longer] { state.write(count) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        let possible: ClosedRange<Int64> = 0...1 << 60
        minute = try reader.read(in: possible, "late accesses")
        hour = try reader.read(in: possible, "late accesses")
        day = try reader.read(in: possible, "late accesses")
        longer = try reader.read(in: possible, "late accesses")
    }
}
