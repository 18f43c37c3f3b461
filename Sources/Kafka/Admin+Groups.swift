internal import CRdkafka

extension Admin {
    /// The client ids of the group's members.
    ///
    /// It asks by the older of librdkafka's two requests: in 2.0.2 a client whose newer one failed hangs for
    /// ever when it is destroyed. Whoever is missing here is taken for dead, so what is not certain is an
    /// error: an answer that not all brokers gave, a group nobody knows, a member without a name.
    public func clients(ofGroup group: String) throws(KafkaError) -> Set<String> {
        let doing = "describe group '\(group)'"
        var found: UnsafePointer<rd_kafka_group_list>?
        let code = rd_kafka_list_groups(handle.native, group, &found, timeoutMilliseconds)
        defer { if let found { rd_kafka_group_list_destroy(found) } }
        try check(code, doing: doing)
        guard let list = found?.pointee, list.group_cnt == 1 else {
            throw KafkaError(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, doing: doing)
        }
        try check(list.groups[0].err, doing: doing)
        var clients: Set<String> = []
        for i in 0..<Int(list.groups[0].member_cnt) {
            guard let name = list.groups[0].members[i].client_id.map({ String(cString: $0) }), !name.isEmpty
            else {
                throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG, "\(doing): a member has no client id")
            }
            clients.insert(name)
        }
        return clients
    }
}
