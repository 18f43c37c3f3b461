internal import SimulatedKafka

/// LeaveGroup: members go, and need not be waited for.
struct LeaveGroupRequest: Request {
    static let key: Int16 = 13
    static let versions: ClosedRange<Int16> = 0...5
    static let firstFlexible: Int16? = 4

    private let group: String
    private let members: [(id: String, instanceID: String?)]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        if version < 3 {
            members = [(id: try reader.string(), instanceID: nil)]
            return
        }
        members = try reader.structs { reader throws(WireError) in
            let member = try reader.string()
            let instanceID = try reader.nullableString()
            if version >= 5 { _ = try reader.nullableString() }
            return (id: member, instanceID: instanceID)
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let left = members.map { member in
            let error = call.failure { () throws(ErrorCode) in
                try call.model.leaveGroup(group, memberID: member.id, instanceID: member.instanceID)
            }
            return (member, error)
        }
        call.broker.noteGroupChanges()
        if call.version >= 1 { out.throttleTime() }
        out.error(call.version < 3 ? left.first?.1 : nil)
        if call.version >= 3 {
            out.structs(left) { out, member in
                out.string(member.0.id)
                out.string(member.0.instanceID)
                out.error(member.1)
            }
        }
        out.tags()
        return true
    }
}
