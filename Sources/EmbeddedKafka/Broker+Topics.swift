internal import Kafka
internal import Logging
internal import SimulatedKafka

/// Topics, as requests ask about them.
extension Broker {
    /// How many topic partitions a topic has. One that is not there is created if that is allowed.
    func topicPartitions(of topic: String, mayCreate: Bool) throws(ErrorCode) -> Int32 {
        if let count = model.topicPartitionCounts[topic] { return count }
        guard mayCreate, limits.createsTopics else { throw .unknownTopicOrPartition }
        try createTopic(topic, topicPartitions: limits.defaultTopicPartitions, TopicSettings())
        return limits.defaultTopicPartitions
    }

    /// Creates a topic if there is room for it.
    func createTopic(_ name: String, topicPartitions: Int32, _ settings: TopicSettings) throws(ErrorCode) {
        try checkRoom(for: topicPartitions)
        try model.createTopic(name, topicPartitions: topicPartitions, settings: settings)
        logger.info("created topic \(name) with \(topicPartitions) topic partitions")
    }

    /// Gives a topic more topic partitions if there is room for them.
    func addTopicPartitions(to name: String, count: Int32) throws(ErrorCode) {
        try checkRoom(for: count - (model.topicPartitionCounts[name] ?? 0))
        try model.addTopicPartitions(to: name, count: count)
    }

    private func checkRoom(for count: Int32) throws(ErrorCode) {
        let there = model.topicPartitionCounts.values.reduce(0) { $0 + Int($1) }
        if there + Int(count) > limits.topicPartitions {
            logger.warning("no more than \(limits.topicPartitions) topic partitions are kept")
            throw .invalidPartitions
        }
    }

    /// The id of a topic: no other one ever had it. Zeros if there is none of the name.
    func id(ofTopic topic: String) -> [UInt8] {
        guard let number = model.number(of: topic) else { return [UInt8](repeating: 0, count: 16) }
        // The greater half sets it apart from ids with a meaning, which have zeros there.
        return Array("topic id".utf8)
            + withUnsafeBytes(of: UInt64(bitPattern: number).bigEndian) { Array($0) }
    }

    /// The topic of an id.
    func topic(withID id: [UInt8]) -> String? {
        model.topicPartitionCounts.keys.first { self.id(ofTopic: $0) == id }
    }

    /// Whether there is such a topic partition.
    func isThere(_ place: TopicPartition) -> Bool {
        guard let count = model.topicPartitionCounts[place.topic] else { return false }
        return (0..<count).contains(place.partition)
    }

    /// The time stamp that records of this topic get; nil if they keep their own.
    func appendTime(for topic: String) -> Int64? {
        model.settings(of: topic)?.usesAppendTime == true ? model.now : nil
    }

    /// Times that mean places, in ListOffsets.
    private enum Time {
        static let end: Int64 = -1
        static let start: Int64 = -2
        static let newest: Int64 = -3
    }

    /// ListOffsets, for one topic partition: the offset and the time of the first record that is not older than
    /// `time`, or -1 and -1.
    func offset(at time: Int64, in place: TopicPartition, readsCommitted: Bool) throws(ErrorCode)
        -> (offset: Int64, time: Int64)
    {
        if !isThere(place) { throw .unknownTopicOrPartition }
        switch time {
        case Time.start: return (model.startOffset(place), -1)
        case Time.end: return (readsCommitted ? model.lastStableOffset(place) : model.endOffset(place), -1)
        case Time.newest:
            guard let entry = try model.newestEntry(in: place) else { return (-1, -1) }
            return narrow(entry, to: entry.timestamp)
        default:
            let entry = try model.entry(at: time, in: place, readsCommitted: readsCommitted)
            return entry.map { narrow($0, to: time) } ?? (-1, -1)
        }
    }

    /// The first record of an entry that is not older.
    private func narrow(_ entry: LogEntry, to time: Int64) -> (offset: Int64, time: Int64) {
        guard case .batch(let batch) = entry.content, !entry.hasAppendTime,
            let found = try? WireBatchRecoder(limits).offset(at: time, in: batch)
        else { return (entry.offset, entry.timestamp) }
        return (entry.offset + Int64(found.delta), found.timestamp)
    }
}
