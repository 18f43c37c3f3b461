internal import CRdkafka

/// Changes to topics that cannot be undone.
extension Admin {
    /// Gives a topic more topic partitions: `count` in all. Fails if it has as many already.
    public func addTopicPartitions(to name: String, count: Int32) throws(KafkaError) {
        let doing = "add topic partitions to '\(name)'"
        var text = [CChar](repeating: 0, count: 512)
        var change = rd_kafka_NewPartitions_new(name, Int(count), &text, text.count)
        guard change != nil else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "\(doing): \(count) is not possible")
        }
        defer { rd_kafka_NewPartitions_destroy(change) }
        try request(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, doing: doing) { client, options, queue in
            rd_kafka_CreatePartitions(client, &change, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_CreatePartitions_result_topics(
                rd_kafka_event_CreatePartitions_result(event), &count)
            try Self.checkTopics(answers, count, doing)
        }
    }

    /// Deletes a topic with all its records.
    public func deleteTopic(_ name: String) throws(KafkaError) {
        let doing = "delete topic '\(name)'"
        var topic = rd_kafka_DeleteTopic_new(name)
        defer { rd_kafka_DeleteTopic_destroy(topic) }
        try request(RD_KAFKA_ADMIN_OP_DELETETOPICS, doing: doing) { client, options, queue in
            rd_kafka_DeleteTopics(client, &topic, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_DeleteTopics_result_topics(
                rd_kafka_event_DeleteTopics_result(event), &count)
            try Self.checkTopics(answers, count, doing)
        }
    }

    /// Deletes the records of a topic partition before `offset`. A topic that is only compacted refuses.
    public func deleteRecords(of topicPartition: TopicPartition, before offset: Int64) throws(KafkaError) {
        let doing = "delete records of \(topicPartition)"
        let list = PartitionList([(topicPartition, offset)])
        var ask = rd_kafka_DeleteRecords_new(list.native)
        defer { rd_kafka_DeleteRecords_destroy(ask) }
        try request(RD_KAFKA_ADMIN_OP_DELETERECORDS, doing: doing) { client, options, queue in
            rd_kafka_DeleteRecords(client, &ask, 1, options, queue)
        } _: { event throws(KafkaError) in
            guard
                let answers = rd_kafka_DeleteRecords_result_offsets(
                    rd_kafka_event_DeleteRecords_result(event))
            else { return }
            for i in 0..<Int(answers.pointee.cnt) { try check(answers.pointee.elems[i].err, doing: doing) }
        }
    }

    private static func checkTopics(
        _ answers: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ doing: String
    ) throws(KafkaError) {
        for i in 0..<count {
            guard let answer = answers?[i] else { continue }
            let reason = rd_kafka_topic_result_error_string(answer).map { ": \(String(cString: $0))" } ?? ""
            try check(rd_kafka_topic_result_error(answer), doing: doing + reason)
        }
    }
}
