internal import NIOCore
internal import SimulatedKafka

/// The file of all changes but those to the entries of logs, one after another.
///
/// A change has its length and its checksum in front. The file is written anew now and then, beside the old one:
/// what a cluster is takes less room than how it came to be so.
final class Journal {
    private static let heading = "foreshadow journal 1\n"
    private static let prefix = 8
    let path: String
    private var file: File
    /// Its size after it was written anew last.
    private var least: Int64

    /// By how much it has grown since it was written anew.
    var growth: Int64 { file.size - least }

    /// Begins with these changes, in the place of the file that is there.
    init(_ path: String, _ changes: [ClusterChange]) throws(StorageError) {
        self.path = path
        file = try File.replace(path, with: Self.content(changes))
        least = file.size
    }

    func append(_ change: ClusterChange) throws(StorageError) {
        var buffer = ByteBuffer()
        Self.write(change, into: &buffer)
        if buffer.readableBytes > 0 { try file.append(buffer) }
    }

    func rewrite(_ changes: [ClusterChange]) throws(StorageError) {
        file = try File.replace(path, with: Self.content(changes))
        least = file.size
    }

    func sync() throws(StorageError) { try file.sync() }

    private static func content(_ changes: [ClusterChange]) -> ByteBuffer {
        var buffer = ByteBuffer(string: heading)
        for change in changes { write(change, into: &buffer) }
        return buffer
    }

    private static func write(_ change: ClusterChange, into buffer: inout ByteBuffer) {
        guard var bytes = ChangeRow(change)?.bytes else { return }
        buffer.writeInteger(UInt32(clamping: bytes.readableBytes))
        buffer.writeInteger(CRC32C.checksum(of: bytes.readableBytesView))
        buffer.writeBuffer(&bytes)
    }

    // MARK: Reading

    /// The changes of a file, and how many bytes at its end are of one that was not written to its end.
    static func read(_ path: String) throws(StorageError) -> (changes: [ClusterChange], torn: Int) {
        let bytes = try File.read(path).bytes
        guard bytes.starts(with: heading.utf8) else {
            throw StorageError("\(path): this is no journal, or one of another version")
        }
        var changes: [ClusterChange] = []
        var at = heading.utf8.count
        while let size = whole(bytes, at) {
            do {
                var row = try ChangeRow(ByteBuffer(bytes: bytes[at + prefix..<at + size]))
                changes.append(try row.change())
            } catch {
                let reason = (error as? ChangeRow.Unreadable)?.reason ?? "\(error)"
                throw StorageError("\(path): the change at byte \(at) cannot be read: \(reason)")
            }
            at += size
        }
        if let next = (at..<bytes.count).first(where: { whole(bytes, $0) != nil }) {
            throw StorageError(
                "\(path): damaged at byte \(at): the change there is not what was written, and others follow, "
                    + "the first at byte \(next)")
        }
        return (changes, bytes.count - at)
    }

    /// The size of the change that begins here, if one does and is as it was written.
    private static func whole(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard at + prefix <= bytes.count else { return nil }
        func number(_ place: Int) -> UInt32 { bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        let end = at + prefix + Int(number(at))
        // Nothing is written without a kind; zeros are not to pass for changes.
        guard end > at + prefix, end <= bytes.count,
            CRC32C.checksum(of: bytes[at + prefix..<end]) == number(at + 4)
        else { return nil }
        return end - at
    }
}
