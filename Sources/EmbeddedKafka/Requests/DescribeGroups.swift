internal import SimulatedKafka

/// DescribeGroups: state and members.
struct DescribeGroupsRequest: Request {
    static let key: Int16 = 15
    static let versions: ClosedRange<Int16> = 0...5
    static let firstFlexible: Int16? = 5

    private let groups: [String]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        groups = try reader.array { reader throws(WireError) in try reader.string() }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let version = call.version
        if version >= 1 { out.throttleTime() }
        out.structs(groups) { out, name in
            let group = call.model.describeGroup(name)
            out.error(nil)
            out.string(name)
            out.string(group.state)
            out.string(group.protocolType)
            out.string(group.way)
            out.structs(group.members) { out, member in
                out.string(member.memberID)
                if version >= 4 { out.string(member.instanceID) }
                out.string(member.clientID)
                out.string(member.clientHost)
                out.bytes(member.metadata)
                out.bytes(member.assignment)
            }
            // Rights: not asked about.
            if version >= 3 { out.int32(Int32.min) }
        }
        out.tags()
        return true
    }
}

/// ListGroups, from version 4 on by state.
struct ListGroupsRequest: Request {
    static let key: Int16 = 16
    static let versions: ClosedRange<Int16> = 0...4
    static let firstFlexible: Int16? = 3

    private let states: [String]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        states = version >= 4 ? try reader.array { reader throws(WireError) in try reader.string() } : []
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let groups = call.model.groupNames.map { (name: $0, group: call.model.describeGroup($0)) }
        if call.version >= 1 { out.throttleTime() }
        out.error(nil)
        out.structs(groups.filter { states.isEmpty || states.contains($0.group.state) }) { out, known in
            out.string(known.name)
            out.string(known.group.protocolType)
            if call.version >= 4 { out.string(known.group.state) }
        }
        out.tags()
        return true
    }
}
