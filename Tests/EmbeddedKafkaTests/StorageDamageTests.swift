import Foundation
import Kafka
import NIOCore
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

@Suite struct StorageDamageTests {
    private struct Fixture {
        let folder: TemporaryFolder
        /// What was there before the last change, and after it.
        var before: ClusterView
        var after: ClusterView
    }

    /// Some batches and offsets, and as the last change either another batch or another offset.
    private func make(lastIsBatch: Bool, segmentBytes: Int64 = 10_000) throws -> Fixture {
        var limits = StoredModel.limits
        limits.segmentBytes = segmentBytes
        limits.journalBytes = .max
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder, limits)
        stored.model.createTopic(topic, topicPartitions: 2)
        for value in ["a", "b", "c", "d", "e", "f", "g"] {
            try stored.produce([value, value], to: place)
            try stored.model.commitOffsets([place: stored.model.endOffset(place)], group: "g")
        }
        let before = try ClusterView(stored.model)
        if lastIsBatch {
            try stored.produce(["last"], to: place)
        } else {
            try stored.model.commitOffsets([place: CommittedOffset(1, metadata: "last")], group: "g")
        }
        return Fixture(folder: folder, before: before, after: try ClusterView(stored.model))
    }

    private func lastFile(_ fixture: Fixture, isLog: Bool) throws -> URL {
        try #require(try fixture.folder.files(isLog ? ".log" : "journal").last)
    }

    /// The place where the last batch or change begins.
    private func lastStart(_ bytes: [UInt8], isLog: Bool) -> Int {
        func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        var (at, next) = (0, isLog ? 0 : 21)
        while next < bytes.count {
            at = next
            next = isLog ? at + 12 + number(at + 8) : at + 8 + number(at)
        }
        return at
    }

    @Test(arguments: [true, false])
    func `what was written in part is cut off`(isLog: Bool) throws {
        let fixture = try make(lastIsBatch: isLog)
        let file = try lastFile(fixture, isLog: isLog)
        let bytes = try file.bytes()
        let start = lastStart(bytes, isLog: isLog)
        #expect(try ClusterView(StoredModel(try fixture.folder.copied()).model) == fixture.after)
        for end in start..<bytes.count {
            // A kill leaves less; a loss of power may leave zeros where the rest should be.
            for rest in [0, bytes.count - end] {
                try file.replace(bytes[..<end] + [UInt8](repeating: 0, count: rest))
                if try file.bytes() == bytes { continue }
                let copy = try fixture.folder.copied()
                #expect(try ClusterView(StoredModel(copy).model) == fixture.before, "byte \(end)")
                // And then it is as if it had never been.
                #expect(try ClusterView(StoredModel(copy).model) == fixture.before, "byte \(end)")
            }
        }
    }

    @Test(arguments: [true, false])
    func `damage before the end is an error that says where`(isLog: Bool) throws {
        let fixture = try make(lastIsBatch: isLog)
        let file = try lastFile(fixture, isLog: isLog)
        let bytes = try file.bytes()
        let start = lastStart(bytes, isLog: isLog)
        #expect(start > 200)
        for at in 0..<start {
            var damaged = bytes
            damaged[at] ^= 0x5a
            try file.replace(damaged)
            do {
                _ = try StoredModel(try fixture.folder.copied())
                Issue.record("byte \(at) makes no difference")
            } catch let error as StorageError {
                #expect(error.description.contains(file.lastPathComponent), "\(error)")
                #expect(error.description.contains("byte") || at < 21, "\(error)")
            }
        }
    }

    @Test func `only the last file of a log may lack something`() throws {
        let fixture = try make(lastIsBatch: true, segmentBytes: 300)
        let file = try #require(try fixture.folder.files(".log").first)
        let bytes = try file.bytes()
        try file.replace(bytes.dropLast(3))
        #expect(throws: StorageError.self) { try StoredModel(fixture.folder) }
    }

    @Test func `a change of a newer version is an error`() throws {
        let fixture = try make(lastIsBatch: false)
        let file = try lastFile(fixture, isLog: false)
        var buffer = ByteBuffer(bytes: try file.bytes())
        let change: [UInt8] = [99, 1, 1]
        buffer.writeInteger(UInt32(change.count))
        buffer.writeInteger(CRC32C.checksum(of: change))
        buffer.writeBytes(change)
        try file.replace(buffer.readableBytesView)
        #expect(throws: StorageError.self) { try StoredModel(fixture.folder) }
    }

    @Test func `logs are not dropped because the journal is missing`() throws {
        let fixture = try make(lastIsBatch: true)
        let file = try lastFile(fixture, isLog: false)
        let bytes = try file.bytes()
        try FileManager.default.removeItem(at: file)
        #expect(throws: StorageError.self) { try StoredModel(fixture.folder) }
        try file.replace(bytes)
        #expect(try ClusterView(StoredModel(fixture.folder).model) == fixture.after)
    }

    // MARK: Compaction

    private let folderName = "topics/0/things-0"

    /// A log of several files, of which compaction leaves half of the batches below `limit`.
    private func compacting(_ limit: Int64) throws -> (
        folder: TemporaryFolder, left: ByteBuffer, expected: [Int64]
    ) {
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder)
        stored.model.createTopic(topic, topicPartitions: 1)
        for number in 0..<30 { try stored.produce(["\(number)"], to: place) }
        #expect(try folder.files(".log").count > 3)
        var left = ByteBuffer()
        var expected: [Int64] = []
        for entry in try stored.model.fetch(place, from: 0, readsCommitted: false).entries {
            if entry.offset < limit, entry.offset % 2 == 0 { continue }
            if entry.offset < limit { RecordBatch.stored(entry).writeForSegment(into: &left) }
            expected.append(entry.offset)
        }
        return (folder, left, expected)
    }

    private func offsets(_ folder: TemporaryFolder) throws -> [Int64] {
        let model = try StoredModel(folder).model
        return try model.fetch(place, from: 0, readsCommitted: false).entries.map(\.offset)
    }

    /// The steps of a rewriting: written in part, written, named, others removed up to some number, renamed.
    @Test(arguments: [1, 11, 17, 30] as [Int64], 0..<9)
    func `compaction is done or not, wherever the broker is killed`(limit: Int64, step: Int) throws {
        let (folder, left, expected) = try compacting(limit)
        let files = LogFiles(folder.url.appending(path: folderName).path)
        _ = try files.recover { _ in }
        let rewrite = try #require(try files.startRewrite(below: limit, left))
        if step == 0 {
            let file = try #require(try folder.files(".rewriting").first)
            try file.replace(try file.bytes().dropLast(7))
        }
        if step >= 2 { try rewrite.commit() }
        if step == 8 { try rewrite.finish(files.segments.map(\.base)) }
        if step >= 3, step < 8 {
            let old = files.segments.filter { $0.base >= rewrite.base && $0.base < rewrite.end }
            for segment in old.prefix(step - 2) {
                try FileManager.default.removeItem(atPath: files.path(segment))
            }
        }
        #expect(try offsets(folder) == (step < 2 ? Array(0..<30) : expected))
        #expect(try folder.files(".rewriting").isEmpty && folder.files(".rewritten").isEmpty)
        #expect(try offsets(folder) == (step < 2 ? Array(0..<30) : expected))
    }

    // MARK: Locks

    @Test func `two brokers never share a folder`() throws {
        let folder = try TemporaryFolder()
        let first = try EmbeddedKafka(data: folder.url, logger: quiet)
        do {
            _ = try EmbeddedKafka(data: folder.url, logger: quiet)
            Issue.record("both run")
        } catch let error as StorageError {
            #expect(error.description.hasSuffix("another broker runs on this folder"))
        }
        try first.stop()
        let second = try EmbeddedKafka(data: folder.url, logger: quiet)
        try second.stop()
    }
}
