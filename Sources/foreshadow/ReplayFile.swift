import Contracts
import Kafka
import Pipeline
import Workload

/// The records of a trace as they would stand in `interactions`.
struct ReplayFile {
    private let path: String
    private let taskCount: Int32

    init(_ path: String, taskCount: Int32) {
        self.path = path
        self.taskCount = taskCount
    }

    /// Hands out the whole trace, and then the marks that say that nothing follows.
    ///
    /// A trace has no telemetry: it counts as idle from the start. The publishing time is event time.
    func forEach(
        progress: (Int64, Double?) -> Void, _ body: (PipelineReplay.Input, borrowing Record) -> Void
    ) throws(TraceFailure) {
        var reader = try TraceReader(path: path)
        var offsets = [Int64](repeating: 0, count: Int(taskCount))
        var last: EventTime?
        hand([record(.telemetry, 0, 0, .idle)], .telemetry, body)
        var batch: [StoredRecord] = []
        while let next = try reader.next() {
            if let time = next.time { last = max(last ?? time, time) }
            let number = Murmur2.topicPartition(next.key, of: taskCount)
            batch.append(
                StoredRecord(
                    place: TopicPartition(TopicName.interactions, number), offset: offsets[Int(number)],
                    timestamp: last, key: next.key, value: next.value))
            offsets[Int(number)] += 1
            if batch.count < Self.batchRecords { continue }
            hand(batch, .interactions, body)
            progress(Int64(batch.count), reader.fraction)
            batch.removeAll(keepingCapacity: true)
        }
        hand(batch, .interactions, body)
        progress(Int64(batch.count), 1)
        guard let last else { return }
        hand(
            (0..<taskCount).map { record(.interactions, $0, offsets[Int($0)], .completeThrough(last + 1)) },
            .interactions, body)
    }

    private static let batchRecords = 1_000

    private func record(
        _ input: PipelineReplay.Input, _ number: Int32, _ offset: Int64, _ mark: Mark
    ) -> StoredRecord {
        let topic = input == .interactions ? TopicName.interactions : TopicName.partitionTelemetry
        return StoredRecord(
            place: TopicPartition(topic, number), offset: offset, key: nil, value: nil,
            headers: [Header(Mark.headerName, mark.text)])
    }

    private func hand(
        _ records: [StoredRecord], _ input: PipelineReplay.Input,
        _ body: (PipelineReplay.Input, borrowing Record) -> Void
    ) {
        let topic = StoredTopic(records.first?.place.topic ?? "")
        let batch = MessageBatch(records.map { .record($0) }, topics: [topic])
        for i in 0..<batch.count { body(input, batch.record(at: i)) }
    }
}

/// The hash by which Java's and this project's producers spread keys over topic partitions.
enum Murmur2 {
    /// The topic partition of a key.
    static func topicPartition(_ key: [UInt8], of count: Int32) -> Int32 {
        Int32(hash(key) & 0x7FFF_FFFF) % count
    }

    /// MurmurHash2 with the seed of Kafka's Java client.
    static func hash(_ key: [UInt8]) -> UInt32 {
        let factor: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.count)
        var at = 0
        while at + 4 <= key.count {
            var word =
                UInt32(key[at]) | UInt32(key[at + 1]) << 8 | UInt32(key[at + 2]) << 16
                | UInt32(key[at + 3]) << 24
            word = word &* factor
            word ^= word >> 24
            hash = hash &* factor ^ word &* factor
            at += 4
        }
        if at < key.count {
            for i in (at..<key.count).reversed() { hash ^= UInt32(key[i]) << UInt32(8 * (i - at)) }
            hash = hash &* factor
        }
        hash ^= hash >> 13
        hash = hash &* factor
        return hash ^ hash >> 15
    }
}
