internal import CRdkafka

extension Admin {
    /// Creates a topic.
    public func createTopic(
        _ name: String, topicPartitions: Int32, replicas: Int32, settings: [String: String] = [:]
    ) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        var topic = rd_kafka_NewTopic_new(name, topicPartitions, replicas, &text, text.count)
        guard topic != nil else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "topic '\(name)' cannot be created as described")
        }
        defer { rd_kafka_NewTopic_destroy(topic) }
        for (setting, value) in settings.sorted(by: { $0.key < $1.key }) {
            try check(
                rd_kafka_NewTopic_set_config(topic, setting, value),
                doing: "setting '\(setting)' of '\(name)'")
        }
        try request(RD_KAFKA_ADMIN_OP_CREATETOPICS, doing: "create topic '\(name)'") {
            client, options, queue in
            rd_kafka_CreateTopics(client, &topic, 1, options, queue)
        } _: { event throws(KafkaError) in
            let result = rd_kafka_event_CreateTopics_result(event)
            var count = 0
            let answers = rd_kafka_CreateTopics_result_topics(result, &count)
            for i in 0..<count {
                guard let answer = answers?[i] else { continue }
                let reason = rd_kafka_topic_result_error_string(answer).map { String(cString: $0) } ?? ""
                try check(
                    rd_kafka_topic_result_error(answer), doing: "create topic '\(name)' (\(reason))")
            }
        }
    }

    /// The settings of a topic that were set for it, rather than inherited.
    public func settings(ofTopic name: String) throws(KafkaError) -> [String: TopicSetting] {
        var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        return try request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing: "describe topic '\(name)'") {
            client, options, queue in
            rd_kafka_DescribeConfigs(client, &resource, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count)
            guard count > 0, let answer = answers?[0] else { return [:] }
            try check(rd_kafka_ConfigResource_error(answer), doing: "describe topic '\(name)'")
            return readSettings(answer)
        }
    }

    private func readSettings(_ resource: OpaquePointer) -> [String: TopicSetting] {
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var result: [String: TopicSetting] = [:]
        for i in 0..<count {
            guard let entry = entries?[i], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
            let value = rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) } ?? ""
            let source = rd_kafka_ConfigEntry_source(entry)
            result[String(cString: name)] = TopicSetting(
                value: value, isSetOnTopic: source == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
        }
        return result
    }

    /// Changes settings of a topic and keeps its others.
    ///
    /// librdkafka 2.0.2 only knows the request that replaces all settings of a topic, so those that are set
    /// already are read first and sent along.
    public func alterSettings(ofTopic name: String, _ changes: [String: String]) throws(KafkaError) {
        var settings = try settings(ofTopic: name).filter(\.value.isSetOnTopic).mapValues(\.value)
        settings.merge(changes) { _, new in new }
        var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        for (setting, value) in settings.sorted(by: { $0.key < $1.key }) {
            try check(
                rd_kafka_ConfigResource_set_config(resource, setting, value), doing: "setting '\(setting)'")
        }
        try request(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, doing: "alter topic '\(name)'") {
            client, options, queue in
            rd_kafka_AlterConfigs(client, &resource, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_AlterConfigs_result_resources(
                rd_kafka_event_AlterConfigs_result(event), &count)
            for i in 0..<count {
                guard let answer = answers?[i] else { continue }
                try check(rd_kafka_ConfigResource_error(answer), doing: "alter topic '\(name)'")
            }
        }
    }

    /// How many records of each topic partition a group has not committed yet. Topic partitions that the group
    /// has not committed anything for count from the oldest record.
    public func lag(ofGroup group: String, _ places: [TopicPartition]) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        let committed = try committedOffsets(ofGroup: group, places)
        var result: [TopicPartition: Int64] = [:]
        for place in places {
            let range = try watermarks(of: place)
            result[place] = max(0, range.upperBound - max(range.lowerBound, committed[place] ?? 0))
        }
        return result
    }

    /// What a group has committed.
    public func committedOffsets(ofGroup group: String, _ places: [TopicPartition]) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        let list = PartitionList(places)
        var ask = rd_kafka_ListConsumerGroupOffsets_new(group, list.native)
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(ask) }
        return try request(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, doing: "offsets of group '\(group)'") {
            client, options, queue in
            rd_kafka_ListConsumerGroupOffsets(client, &ask, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
            guard count > 0, let answer = answers?[0] else { return [:] }
            if let error = rd_kafka_group_result_error(answer) {
                throw KafkaError(rd_kafka_error_code(error), doing: "offsets of group '\(group)'")
            }
            guard let offsets = rd_kafka_group_result_partitions(answer) else { return [:] }
            var result: [TopicPartition: Int64] = [:]
            for (place, offset) in try PartitionList.read(offsets) where offset >= 0 {
                result[place] = offset
            }
            return result
        }
    }
}

/// A setting of a topic.
public struct TopicSetting: Sendable, Equatable {
    /// Its value.
    public var value: String
    /// Whether it was set for this topic, rather than inherited from the brokers.
    public var isSetOnTopic: Bool

    /// Describes a setting.
    public init(value: String, isSetOnTopic: Bool) {
        self.value = value
        self.isSetOnTopic = isSetOnTopic
    }
}
