internal import CRdkafka

extension Admin {
    /// The `client.id` of each member that a group has now; none if there is no such group.
    public func clients(ofGroup group: String) throws(KafkaError) -> Set<String> {
        try withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: 1) {
            names throws(KafkaError) in
            let name = Array(group.utf8CString)
            return try name.withUnsafeBufferPointer { text throws(KafkaError) in
                names[0] = text.baseAddress
                return try describe(names, group)
            }
        }
    }

    private func describe(_ names: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, _ group: String)
        throws(KafkaError) -> Set<String>
    {
        try request(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, doing: "describe group '\(group)'") {
            client, options, queue in
            rd_kafka_DescribeConsumerGroups(client, names.baseAddress, 1, options, queue)
        } _: { event throws(KafkaError) in
            var count = 0
            let answers = rd_kafka_DescribeConsumerGroups_result_groups(
                rd_kafka_event_DescribeConsumerGroups_result(event), &count)
            guard count > 0, let answer = answers?[0] else { return [] }
            if let error = rd_kafka_ConsumerGroupDescription_error(answer) {
                throw KafkaError(rd_kafka_error_code(error), doing: "describe group '\(group)'")
            }
            var result: Set<String> = []
            for i in 0..<rd_kafka_ConsumerGroupDescription_member_count(answer) {
                guard let member = rd_kafka_ConsumerGroupDescription_member(answer, i),
                    let client = rd_kafka_MemberDescription_client_id(member)
                else { continue }
                result.insert(String(cString: client))
            }
            return result
        }
    }
}
