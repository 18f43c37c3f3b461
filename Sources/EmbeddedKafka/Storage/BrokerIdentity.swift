internal import Foundation
internal import NIOCore

/// Who a broker says it is; clients notice when that changes.
struct BrokerIdentity: Equatable {
    var clusterID: String
    var nodeID: Int32

    /// Of a broker that forgets.
    init() {
        clusterID = "foreshadow-embedded"
        nodeID = 1
    }

    /// As it is stored; the first time it is made up.
    init(storedAt path: String) throws(StorageError) {
        if !FileManager.default.fileExists(atPath: path) {
            clusterID = UUID().uuidString.lowercased()
            nodeID = 1
            _ = try File.replace(
                path, with: ByteBuffer(string: "version=1\ncluster.id=\(clusterID)\nnode.id=\(nodeID)\n"))
            return
        }
        var fields: [Substring: Substring] = [:]
        for line in String(decoding: try File.read(path).bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard fields["version"] == "1", let cluster = fields["cluster.id"],
            let node = fields["node.id"].flatMap({ Int32($0) })
        else { throw StorageError("\(path): version 1, cluster.id and node.id must be there") }
        clusterID = String(cluster)
        nodeID = node
    }
}
