/// DescribeCluster: this broker.
struct DescribeClusterRequest: Request {
    static let key: Int16 = 60
    static let versions: ClosedRange<Int16> = 0...1
    static let firstFlexible: Int16? = 0

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        // Whether rights are wanted, and of which kind of node: there is one kind, and rights are not told.
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.error(nil)
        out.string(nil)
        if call.version >= 1 { out.int8(1) }
        out.string(call.broker.clusterID)
        out.int32(call.broker.node.id)
        out.structs([call.broker.node]) { out, node in
            out.int32(node.id)
            out.string(node.host)
            out.int32(node.port)
            out.string(nil)
        }
        out.int32(Int32.min)
        out.tags()
        return true
    }
}
