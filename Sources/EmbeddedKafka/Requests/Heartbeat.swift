internal import SimulatedKafka

/// Heartbeat: a member lives, and hears whether the group is being shared out anew.
struct HeartbeatRequest: Request {
    static let key: Int16 = 12
    static let versions: ClosedRange<Int16> = 0...4
    static let firstFlexible: Int16? = 4

    private let group: String
    private let membership: Membership

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        let generation = try reader.int32()
        membership = Membership(
            memberID: try reader.string(), generation: generation,
            instanceID: version >= 3 ? try reader.nullableString() : nil)
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 1 { out.throttleTime() }
        out.error(call.failure { () throws(ErrorCode) in try call.model.heartbeat(group, membership) })
        out.tags()
        return true
    }
}
