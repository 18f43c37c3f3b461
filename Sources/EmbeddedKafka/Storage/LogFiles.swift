internal import Foundation
internal import NIOCore
internal import SimulatedKafka

/// The files of one topic partition's log: segments of batches as clients get them, named by their first offset,
/// as Apache Kafka has them.
///
/// Compaction writes what is left into one file, whose name tells which offsets it covers. Up to the moment when
/// that file is renamed nothing has happened, and from then on everything: what a crash left undone is done when
/// the log is opened again.
final class LogFiles {
    struct Segment {
        var base: Int64
        /// The offset after its last one.
        var end: Int64
        var bytes: Int64
    }

    let folder: String
    private(set) var segments: [Segment] = []
    /// The last segment, if it is open.
    private var active: File?

    /// A log without files.
    init(_ folder: String) { self.folder = folder }

    var isOpen: Bool { active != nil }

    /// To be opened again by the next batch.
    func close() { active = nil }

    static func name(_ offset: Int64) -> String {
        let digits = "\(offset)"
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    func path(_ segment: Segment) -> String { "\(folder)/\(Self.name(segment.base)).log" }

    // MARK: Writing

    /// Appends the batch of these offsets. Files and folders that a loss of power may undo now are noted.
    func append(
        _ batch: ByteBuffer, _ offsets: ClosedRange<Int64>, segmentBytes: Int64, unsynced: inout Set<String>
    ) throws(StorageError) {
        var isNew = segments.isEmpty
        if let last = segments.last, last.bytes > 0, last.bytes + Int64(batch.readableBytes) > segmentBytes {
            // Only the last file may lack something, whatever happens.
            try File.sync(path(last))
            active = nil
            isNew = true
        }
        if segments.isEmpty {
            try File.createFolder(folder)
            let above = (folder as NSString).deletingLastPathComponent
            unsynced.formUnion([above, (above as NSString).deletingLastPathComponent])
        }
        if isNew {
            unsynced.insert(folder)
            segments.append(Segment(base: offsets.lowerBound, end: offsets.lowerBound, bytes: 0))
        }
        let index = segments.count - 1
        let file = if let active { active } else { try File(path(segments[index])) }
        active = file
        try file.append(batch)
        segments[index].bytes = file.size
        segments[index].end = offsets.upperBound + 1
        unsynced.insert(file.path)
    }

    /// Whether a file has nothing but what is below an offset.
    func hasSegments(below offset: Int64) -> Bool {
        segments.first.map { $0.base < offset && $0.end <= offset } ?? false
    }

    /// Removes those files.
    func removeSegments(below offset: Int64) throws(StorageError) {
        while hasSegments(below: offset), let first = segments.first {
            if segments.count == 1 { active = nil }
            try File.remove(path(first))
            segments.removeFirst()
        }
    }

    // MARK: Compaction

    /// Bytes of the files that hold something below an offset.
    func bytes(below limit: Int64) -> Int64 {
        segments.reduce(0) { $0 + ($1.base < limit ? $1.bytes : 0) }
    }

    /// Puts these batches in the place of all that is below an offset.
    func rewrite(below limit: Int64, _ remaining: ByteBuffer) throws(StorageError) {
        guard let rewrite = try startRewrite(below: limit, remaining) else { return }
        active = nil
        try rewrite.commit()
        try rewrite.finish(segments.map(\.base))
        let kept = segments.drop { $0.base < limit }
        segments = [Segment(base: rewrite.base, end: rewrite.end, bytes: rewrite.bytes)] + kept
    }

    /// Writes what is left into a file that does not count yet.
    func startRewrite(below limit: Int64, _ remaining: ByteBuffer) throws(StorageError) -> Rewrite? {
        let old = segments.prefix { $0.base < limit }
        guard let first = old.first, let last = old.last else { return nil }
        var content = remaining
        // The last of these files may go on beyond.
        var reader = try SegmentReader(path(last), from: last.base)
        while let entry = try reader.entry() {
            if entry.last >= limit { RecordBatch.stored(entry).writeForSegment(into: &content) }
        }
        try reader.checkRest(isLast: false)
        let rewrite = Rewrite(
            folder: folder, base: first.base, end: last.end, bytes: Int64(content.readableBytes))
        try rewrite.write(content)
        return rewrite
    }

    // MARK: Recovery

    /// Reads the log, and goes on with what a crash interrupted. Answers how many bytes were cut off its end.
    func recover(_ take: (LogEntry) -> Void) throws(StorageError) -> Int {
        for name in File.names(in: folder) { try Rewrite.resume(name, in: folder) }
        let bases = File.names(in: folder).compactMap { name in
            name.hasSuffix(".log") ? Int64(name.dropLast(4)) : nil
        }
        var torn = 0
        for (index, base) in bases.enumerated() {
            let end = segments.last?.end ?? base
            if base < end { throw StorageError("\(folder): \(Self.name(base)).log begins before \(end)") }
            var reader = try SegmentReader("\(folder)/\(Self.name(base)).log", from: base)
            while let entry = try reader.entry() { take(entry) }
            try reader.checkRest(isLast: index == bases.count - 1)
            if reader.rest > 0 {
                torn = reader.rest
                try File.cut(reader.path, to: reader.at)
            }
            segments.append(Segment(base: base, end: reader.next, bytes: Int64(reader.at)))
        }
        return torn
    }
}

/// A file that takes the place of others, which hold the offsets from `base` to before `end`.
struct Rewrite {
    let folder: String
    let base: Int64
    let end: Int64
    var bytes: Int64 = 0

    private static let begun = "rewriting"
    private static let committed = "rewritten"

    private func path(_ state: String) -> String {
        "\(folder)/\(LogFiles.name(base))-\(LogFiles.name(end)).\(state)"
    }

    func write(_ content: ByteBuffer) throws(StorageError) {
        try File.remove(path(Self.begun))
        let file = try File(path(Self.begun))
        try file.append(content)
        try file.sync()
    }

    /// From here on this file counts, and those do not whose place it takes.
    func commit() throws(StorageError) {
        try File.move(path(Self.begun), to: path(Self.committed))
        try File.sync(folder)
    }

    /// Removes the others, of the segments with these first offsets, and takes the name of the first.
    func finish(_ bases: [Int64]) throws(StorageError) {
        for other in bases where other >= base && other < end {
            try File.remove("\(folder)/\(LogFiles.name(other)).log")
        }
        // A loss of power must not bring any of them back beside the file without its long name.
        try File.sync(folder)
        try File.move(path(Self.committed), to: "\(folder)/\(LogFiles.name(base)).log")
        try File.sync(folder)
    }

    /// Goes on with the rewriting to which a file of this name belongs, or drops it.
    static func resume(_ name: String, in folder: String) throws(StorageError) {
        let parts = name.split(whereSeparator: { $0 == "-" || $0 == "." })
        guard parts.count == 3, let base = Int64(parts[0]), let end = Int64(parts[1]) else { return }
        if parts[2] == begun { try File.remove("\(folder)/\(name)") }
        if parts[2] == committed {
            let bases = File.names(in: folder).compactMap { other in
                other.hasSuffix(".log") ? Int64(other.dropLast(4)) : nil
            }
            try Rewrite(folder: folder, base: base, end: end).finish(bases)
        }
    }
}
