internal import SimulatedKafka

/// SyncGroup: the leader brings the shares, every member gets its own; waits for the leader.
struct SyncGroupRequest: Request {
    static let key: Int16 = 14
    static let versions: ClosedRange<Int16> = 0...5
    static let firstFlexible: Int16? = 4

    private let group: String
    private let membership: Membership
    private let protocolType: String?
    private let way: String?
    private let assignments: [String: [UInt8]]

    var wait: Wait { Wait(milliseconds: nil, on: .group(group)) }

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        let generation = try reader.int32()
        membership = Membership(
            memberID: try reader.string(), generation: generation,
            instanceID: version >= 3 ? try reader.nullableString() : nil)
        protocolType = version >= 5 ? try reader.nullableString() : nil
        way = version >= 5 ? try reader.nullableString() : nil
        let pairs = try reader.structs { reader throws(WireError) in
            (member: try reader.string(), share: try reader.bytes())
        }
        assignments = Dictionary(pairs.map { ($0.member, $0.share) }) { $1 }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        do throws(ErrorCode) {
            try call.check()
            defer { call.broker.noteGroupChanges() }
            let share = try call.model.syncGroup(group, membership, assignments: assignments)
            guard let share else { return false }
            write(nil, share, call, into: &out)
        } catch {
            write(error, [], call, into: &out)
        }
        return true
    }

    private func write(_ error: ErrorCode?, _ share: [UInt8], _ call: Call, into out: inout WireWriter) {
        if call.version >= 1 { out.throttleTime() }
        out.error(error)
        if call.version >= 5 {
            out.string(protocolType)
            out.string(way)
        }
        out.bytes(share)
        out.tags()
    }
}
