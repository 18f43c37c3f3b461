/// FindCoordinator: this broker, for every group and every transactional id.
struct FindCoordinatorRequest: Request {
    static let key: Int16 = 10
    static let versions: ClosedRange<Int16> = 0...4
    static let firstFlexible: Int16? = 3

    private let keys: [String]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        var keys: [String] = []
        if version <= 3 { keys = [try reader.string()] }
        if version >= 1 { _ = try reader.int8() }
        if version >= 4 { keys = try reader.array { reader throws(WireError) in try reader.string() } }
        self.keys = keys
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let node = call.broker.node
        if call.version >= 1 { out.throttleTime() }
        if call.version >= 4 {
            out.structs(keys) { out, key in
                out.string(key)
                out.int32(node.id)
                out.string(node.host)
                out.int32(node.port)
                out.error(call.injected)
                out.string(nil)
            }
        } else {
            out.error(call.injected)
            if call.version >= 1 { out.string(nil) }
            out.int32(node.id)
            out.string(node.host)
            out.int32(node.port)
        }
        out.tags()
        return true
    }
}
