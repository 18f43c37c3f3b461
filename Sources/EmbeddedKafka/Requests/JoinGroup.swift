internal import SimulatedKafka

/// JoinGroup: makes the client a member of the next generation; waits for the other members.
struct JoinGroupRequest: Request {
    static let key: Int16 = 11
    static let versions: ClosedRange<Int16> = 0...7
    static let firstFlexible: Int16? = 6

    private let group: String
    private let sessionTimeout: Int32
    private let rebalanceTimeout: Int32
    private var memberID: String
    private let protocolType: String
    private let instanceID: String?
    private let ways: [(name: String, metadata: [UInt8])]

    var wait: Wait { Wait(milliseconds: nil, on: .group(group)) }

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        sessionTimeout = try reader.int32()
        rebalanceTimeout = version >= 1 ? try reader.int32() : sessionTimeout
        memberID = try reader.string()
        instanceID = version >= 5 ? try reader.nullableString() : nil
        protocolType = try reader.string()
        ways = try reader.structs { reader throws(WireError) in
            (name: try reader.string(), metadata: try reader.bytes())
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        do throws(ErrorCode) {
            switch try join(call) {
            case .waiting:
                return false
            case .named(let id):
                memberID = id
                write(.memberIDRequired, nil, call, into: &out)
            case .admitted(let id):
                memberID = id
                return answer(call, into: &out)
            case .joined(let generation, let way, let leader, let members):
                let known = members.isEmpty ? [] : call.model.describeGroup(group).members
                let joined = Joined(
                    generation: generation, way: way, leader: leader, members: members,
                    instances: Dictionary(
                        known.compactMap { member in member.instanceID.map { (member.memberID, $0) } }
                    ) { $1 })
                write(nil, joined, call, into: &out)
            }
        } catch {
            write(error, nil, call, into: &out)
        }
        return true
    }

    private struct Joined {
        var generation: Int32
        var way: String
        var leader: String
        var members: [String: [UInt8]]
        var instances: [String: String]
    }

    private func join(_ call: Call) throws(ErrorCode) -> JoinAnswer {
        try call.check()
        defer { call.broker.noteGroupChanges() }
        var request = JoinRequest(
            memberID: memberID, clientID: call.clientID, sessionTimeout: Int64(sessionTimeout),
            rebalanceTimeout: Int64(rebalanceTimeout), ways: ways)
        request.clientHost = "/\(call.host)"
        request.instanceID = instanceID
        request.protocolType = protocolType
        // Since version 4 clients come back with the name they are given (KIP-394).
        request.requiresName = call.version >= 4
        return try call.model.joinGroup(group, request)
    }

    private func write(_ error: ErrorCode?, _ joined: Joined?, _ call: Call, into out: inout WireWriter) {
        if call.version >= 2 { out.throttleTime() }
        out.error(error)
        out.int32(joined?.generation ?? -1)
        if call.version >= 7 { out.string(joined == nil ? nil : protocolType) }
        out.string(joined?.way ?? (call.version >= 7 ? nil : ""))
        out.string(joined?.leader ?? "")
        out.string(memberID)
        out.structs((joined?.members ?? [:]).sorted { $0.key < $1.key }) { out, member in
            out.string(member.key)
            if call.version >= 5 { out.string(joined?.instances[member.key]) }
            out.bytes(member.value)
        }
        out.tags()
    }
}
