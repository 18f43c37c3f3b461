public import Kafka

/// Several logs as one, by time of publishing; of records published together, those of the earlier log first.
///
/// Two topic partitions have no order between them. Where it matters (somebody was declared idle), the time of
/// publishing is the nearest thing to the order in which they were read live.
public struct ReplayMerge {
    private let logs: [ReplayLog]
    /// When each log's next record was published; nil: not known yet.
    private var times: [Int64?]
    private var isOver: [Bool]

    /// Merges logs; each record comes with the number of its log here.
    public init(_ logs: [ReplayLog]) {
        self.logs = logs
        times = Array(repeating: nil, count: logs.count)
        isOver = Array(repeating: false, count: logs.count)
    }

    /// The number of the log whose record is next, which `logs[number].withNext` has; nil at the end.
    public mutating func next() throws(KafkaError) -> Int? {
        var first: Int?
        var firstTime = Int64.max
        for number in logs.indices where !isOver[number] {
            guard let time = try time(number) else { continue }
            if first == nil || time < firstTime {
                first = number
                firstTime = time
            }
        }
        return first
    }

    /// Goes on after the record of that log.
    public mutating func consume(_ number: Int) {
        logs[number].consume()
        times[number] = nil
    }

    private mutating func time(_ number: Int) throws(KafkaError) -> Int64? {
        if let time = times[number] { return time }
        guard try logs[number].hasNext() else {
            isOver[number] = true
            return nil
        }
        let time = logs[number].withNext { $0.timestamp ?? .min }
        times[number] = time
        return time
    }
}
