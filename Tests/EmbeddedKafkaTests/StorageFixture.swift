import Foundation
import Kafka
import NIOCore
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

/// A folder that goes away with its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// As it is now.
    func copied() throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        try FileManager.default.removeItem(at: copy.url)
        try FileManager.default.copyItem(at: url, to: copy.url)
        return copy
    }

    /// All files in it whose path ends like this, in order.
    func files(_ end: String) throws -> [URL] {
        try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted().filter { $0.hasSuffix(end) }
            .map { url.appending(path: $0) }
    }
}

extension URL {
    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: self)) }
    func replace(_ bytes: some Sequence<UInt8>) throws { try Data(bytes).write(to: self) }
}

/// A model that stores its changes, as the broker's does. Letting go of it is what a kill does: nothing is written
/// at the end.
final class StoredModel {
    let model = ClusterModel()
    let storage: Storage
    /// After so many changes nothing more gets to the disk, as if the broker were killed there.
    var changesLeft = Int.max

    static var limits: BrokerLimits {
        var limits = BrokerLimits()
        limits.segmentBytes = 600
        limits.journalBytes = 2_000
        limits.compactionBytes = 0
        limits.openFiles = 2
        return limits
    }

    init(
        _ folder: TemporaryFolder, _ limits: BrokerLimits = limits, at time: Int64 = 0, finishes: Bool = true
    )
        throws
    {
        storage = try Storage(folder.url, limits, logger: quiet)
        model.recoder = WireBatchRecoder(limits)
        model.keepsCommitHistory = false
        model.advance(to: time)
        try storage.restore(model)
        model.onChange = { [unowned self] change in
            if changesLeft > 0 { storage.note(change) }
            changesLeft -= 1
        }
        if finishes { model.finishRestore() }
    }

    func flush() throws { try storage.flush(model) }

    /// Writes a batch of one record at least.
    @discardableResult
    func produce(
        _ values: [String], to place: TopicPartition, by producer: ProducerIdentity? = nil,
        sequence: Int32 = -1,
        transactionalID: String? = nil
    ) throws -> EncodedBatch {
        let batch = try batchOf(
            values.map { ("key \($0.prefix(1))", $0) }, by: producer, sequence: sequence,
            isTransactional: transactionalID != nil, at: model.now)
        try model.produce(batch, to: place, transactionalID: transactionalID)
        return batch
    }
}

/// A batch as a client sends it.
func batchOf(
    _ records: [(key: String, value: String?)], by producer: ProducerIdentity? = nil, sequence: Int32 = -1,
    isTransactional: Bool = false, at time: Int64
) throws -> EncodedBatch {
    let encoded = records.enumerated().map { delta, record in
        RecordBatch.encode(makeRecord(record.key, record.value, at: time), delta: delta)
    }
    var buffer = ByteBuffer(
        bytes: RecordBatch.batch(
            encoded, count: records.count, time: time, producer: producer,
            attributes: isTransactional ? RecordBatch.Attributes.transactional : 0, sequence: sequence))
    return try RecordBatch.read(&buffer, now: nil)
}

/// All that clients can see of a model but for the members of groups.
struct ClusterView: Equatable {
    struct Entry: Equatable, CustomStringConvertible {
        var bytes: [UInt8]
        var offsets: ClosedRange<Int64>
        var producer: ProducerIdentity?
        var sequence: Int32
        var timestamp: Int64
        var hasAppendTime: Bool
        var isAborted: Bool

        var description: String {
            "\(offsets) of \(producer.map { "\($0.id)/\($0.epoch)" } ?? "-") \(sequence) \(isAborted ? "aborted" : "")"
        }
    }

    struct Log: Equatable {
        var entries: [Entry] = []
        var end: Int64
        /// Nil where what is open begins with entries that are deleted: of those a restart knows nothing.
        var stable: Int64?
    }

    var state: [ClusterChange]
    var logs: [TopicPartition: Log] = [:]
    var offsets: [String: CommittedOffsets] = [:]
    var stable: [String: CommittedOffsets] = [:]

    init(_ model: ClusterModel) throws {
        state = model.state()
        for (topic, count) in model.topicPartitionCounts {
            for number in 0..<count { try add(TopicPartition(topic, number), model) }
        }
        for group in model.groupNames {
            // Of one that is nothing but a name nobody needs to know.
            let committed = model.committedOffsets(group)
            if model.generation(ofGroup: group) == 0, committed.offsets.isEmpty { continue }
            offsets[group] = committed
            stable[group] = model.committedOffsets(group, requiresStable: true)
        }
    }

    /// Records an issue for what is not as it should be.
    func expectSame(as expected: ClusterView, _ seed: UInt64) throws {
        #expect(state == expected.state, "seed \(seed)")
        #expect(offsets == expected.offsets, "seed \(seed)")
        #expect(stable == expected.stable, "seed \(seed)")
        #expect(logs.count == expected.logs.count, "seed \(seed)")
        for (place, log) in expected.logs {
            var (log, found) = (log, try #require(logs[place]))
            if log.stable == nil {
                found.stable = nil
                // Where nothing is stable yet it is not told what is aborted.
                for index in found.entries.indices { found.entries[index].isAborted = false }
                for index in log.entries.indices { log.entries[index].isAborted = false }
            }
            #expect(found == log, "seed \(seed), \(place): \(found) instead of \(log)")
        }
    }

    private mutating func add(_ place: TopicPartition, _ model: ClusterModel) throws {
        let start = model.startOffset(place)
        let committed = try model.fetch(place, from: start, readsCommitted: true)
        let stable = model.lastStableOffset(place)
        var log = Log(end: model.endOffset(place), stable: stable > start ? stable : nil)
        for entry in try model.fetch(place, from: start, readsCommitted: false).entries {
            var buffer = ByteBuffer()
            RecordBatch.stored(entry).write(into: &buffer)
            let isAborted = committed.aborted.contains {
                $0.producerID == entry.producer?.id && ($0.first...$0.last).contains(entry.offset)
            }
            let isMarker = if case .marker = entry.content { true } else { false }
            log.entries.append(
                Entry(
                    bytes: Array(buffer.readableBytesView), offsets: entry.offset...entry.last,
                    producer: entry.producer, sequence: entry.sequence, timestamp: entry.timestamp,
                    hasAppendTime: entry.hasAppendTime,
                    isAborted: isAborted && entry.isTransactional && !isMarker))
        }
        logs[place] = log
    }
}
