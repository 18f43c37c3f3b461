internal import Kafka

/// What the cluster knows of a topic.
struct Topic {
    var number: Int64
    var count: Int32
    var settings: TopicSettings
    /// What records name; kept as long as the topic.
    let stored: StoredTopic
}

/// The controller.
extension ClusterModel {
    // MARK: Requests

    /// CreateTopics, for one topic. Fails with INVALID_TOPIC_EXCEPTION if it cannot be called that, with
    /// TOPIC_ALREADY_EXISTS, or with INVALID_PARTITIONS.
    public func createTopic(_ name: String, topicPartitions: Int32, settings: TopicSettings)
        throws(ErrorCode)
    {
        let isWellFormed =
            (1...249).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        if !isWellFormed { throw .invalidTopic }
        if topics[name] != nil { throw .topicAlreadyExists }
        // Names of metrics cannot tell periods from underscores.
        func flat(_ name: String) -> [UInt8] {
            name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }
        }
        if topics.keys.contains(where: { flat($0) == flat(name) }) { throw .invalidTopic }
        // As many as Kafka's controller creates at once.
        if !(1...10_000).contains(topicPartitions) { throw .invalidPartitions }
        make(
            .topicCreated(
                name, topicPartitions: topicPartitions, settings: settings, number: nextTopicNumber))
    }

    /// DeleteTopics, for one topic. Groups forget their offsets in it.
    public func deleteTopic(_ name: String) throws(ErrorCode) {
        if topics[name] == nil { throw .unknownTopicOrPartition }
        make(.topicDeleted(name))
        for group in groups.keys.sorted() {
            let places = groups[group]?.allPlaces.filter { $0.topic == name }.sorted() ?? []
            if !places.isEmpty { make(.offsetsDeleted(group: group, places)) }
        }
    }

    /// CreatePartitions, for one topic: it has `count` from now on. Fails with INVALID_PARTITIONS if it has as
    /// many already.
    public func addTopicPartitions(to name: String, count: Int32) throws(ErrorCode) {
        guard let topic = topics[name] else { throw .unknownTopicOrPartition }
        if count <= topic.count || count > 10_000 { throw .invalidPartitions }
        make(.topicGrown(name, topicPartitions: count))
    }

    /// AlterConfigs and IncrementalAlterConfigs, for one topic: these are its settings from now on. What they
    /// are to be made of is at `settings(of:)`.
    public func alterSettings(of name: String, to settings: TopicSettings) throws(ErrorCode) {
        guard let topic = topics[name] else { throw .unknownTopicOrPartition }
        if settings != topic.settings { make(.settingsChanged(name, settings)) }
    }

    /// The settings of a topic; nil if there is none of the name.
    public func settings(of name: String) -> TopicSettings? { topics[name]?.settings }

    /// Whether of each key only the newest record of the topic is kept.
    public func isCompacted(_ name: String) -> Bool { topics[name]?.settings.isCompacted ?? false }

    /// The number of a topic: no other topic ever had it, whatever it is called. Nil if there is none of the
    /// name.
    public func number(of name: String) -> Int64? { topics[name]?.number }

    /// How many topic partitions each topic has.
    public var topicPartitionCounts: [String: Int32] { topics.mapValues(\.count) }

    // MARK: What only drivers ask for

    /// Creates a topic of any name. One that is there already stays as it is.
    public func createTopic(_ name: String, topicPartitions: Int32) {
        if topics[name] != nil { return }
        make(
            .topicCreated(
                name, topicPartitions: topicPartitions, settings: TopicSettings(), number: nextTopicNumber))
    }

    /// The topics that records name.
    var storedTopics: [StoredTopic] { topics.values.map(\.stored) }

    /// Deletes what is too old or too much, and compacts, in all topics as their settings say. Kafka does it
    /// every few minutes.
    ///
    /// Kafka deletes and compacts whole segments and spares the one that is written to; the model takes each
    /// entry for a segment, and spares none.
    public func cleanLogs() {
        for place in logs.keys.sorted() {
            guard let settings = topics[place.topic]?.settings else { continue }
            if settings.deletesOld, let log = logs[place] {
                let start = log.startAfterRetention(settings, now: now)
                if start > log.start { make(.startMoved(place, to: start)) }
            }
            if settings.isCompacted, let recoder { compact(place, settings, recoder) }
        }
    }

    private func compact(_ place: TopicPartition, _ settings: TopicSettings, _ recoder: any BatchRecoder) {
        guard let log = logs[place], let limit = log.compactionLimit(settings, now: now) else { return }
        let rule = CompactionRule(
            tombstonesUntil: now - settings.tombstoneRetention, dropsUnkeyed: true, staysRebuildable: true)
        // A log with a batch that cannot be read stays as it is; so it does with Kafka.
        guard let remaining = try? log.compacted(below: limit, rule, recoder) else { return }
        if remaining == Array(log.entries[..<log.index(of: limit)]) {
            logs[place]?.cleaned = limit
        } else {
            make(.rewritten(place, below: limit, remaining))
        }
    }
}
