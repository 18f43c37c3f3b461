internal import Foundation
internal import Kafka
internal import Logging
internal import NIOCore
internal import SimulatedKafka

/// What a broker keeps on disk: a folder for each log, and a journal of all the rest.
///
/// Every change is written when it is made, in the order in which changes are made: no file may know of the end of
/// a transaction before the markers are there, nor of a marker before the decision. So what a killed broker leaves
/// is what it was after some change, with a part of the next one at most.
///
/// Once something could not be written, nothing more is: `flush` fails for ever.
final class Storage {
    private struct Topic {
        var number: Int64
        var segmentBytes: Int64
    }

    let identity: BrokerIdentity
    private let folder: String
    private let limits: BrokerLimits
    private let logger: Logger
    private var lock: File?
    private var journal: Journal?
    private var topics: [String: Topic] = [:]
    private var logs: [TopicPartition: LogFiles] = [:]
    private var openLogs: [LogFiles] = []
    private var failure: StorageError?
    private var unsynced: Set<String> = []
    private var isLastInLog = false
    private let sync = BackgroundSync()
    private var lastSync: Int64 = 0

    /// Takes a folder, for as long as this lives.
    init(_ url: URL, _ limits: BrokerLimits, logger: Logger) throws(StorageError) {
        folder = url.path
        self.limits = limits
        self.logger = logger
        try File.createFolder(folder)
        let lock = try File("\(folder)/lock")
        if !lock.lock() { throw StorageError("\(folder): another broker runs on this folder") }
        self.lock = lock
        identity = try BrokerIdentity(storedAt: "\(folder)/meta.properties")
    }

    // MARK: Recovery

    /// Makes an empty model what was stored, and goes on with what was interrupted.
    func restore(_ model: ClusterModel) throws(StorageError) {
        let began = ContinuousClock.now
        let path = "\(folder)/journal"
        if FileManager.default.fileExists(atPath: path) {
            let (changes, torn) = try Journal.read(path)
            if torn > 0 { logger.warning("\(path): cut off \(torn) bytes of a change at its end") }
            for change in changes {
                track(change)
                model.restore(change)
            }
        } else if !File.names(in: "\(folder)/topics").isEmpty {
            throw StorageError("\(path) is missing, without which the logs beside it mean nothing")
        }
        try removeUnknownTopics()
        let bytes = try restoreLogs(of: model)
        journal = try Journal(path, model.state())
        let seconds = began.duration(to: .now) / .seconds(1)
        logger.notice(
            """
            recovered \(folder): \(logs.count) topic partitions, \(bytes >> 20) MiB \
            in \(String(format: "%.2f", seconds)) s
            """)
    }

    private func restoreLogs(of model: ClusterModel) throws(StorageError) -> Int64 {
        var (bytes, told) = (0 as Int64, ContinuousClock.now)
        let places = model.topicPartitionCounts.sorted { $0.key < $1.key }.flatMap { topic, count in
            (0..<count).map { TopicPartition(topic, $0) }
        }
        for (index, place) in places.enumerated() {
            guard let log = files(of: place) else { continue }
            let torn = try log.recover { model.restore(.appended(place, [$0])) }
            if torn > 0 { logger.warning("\(place): cut off \(torn) bytes of a batch at the end of its log") }
            try log.removeSegments(below: model.startOffset(place))
            bytes += log.segments.reduce(0) { $0 + $1.bytes }
            // Whoever wrote it may have been killed before it was synced.
            if let last = log.segments.last { unsynced.insert(log.path(last)) }
            if told.duration(to: .now) > .seconds(2) {
                told = .now
                logger.notice(
                    "recovering: \(index + 1) of \(places.count) topic partitions, \(bytes >> 20) MiB so far")
            }
        }
        return bytes
    }

    /// What a deletion left behind.
    private func removeUnknownTopics() throws(StorageError) {
        let known = Set(topics.values.map { "\($0.number)" })
        for name in File.names(in: "\(folder)/topics") where !known.contains(name) {
            try File.remove("\(folder)/topics/\(name)")
        }
    }

    // MARK: Changes

    /// Writes a change. Whether that succeeded is to be asked with `flush` before anybody is told of it.
    func note(_ change: ClusterChange) {
        if failure != nil { return }
        do throws(StorageError) {
            try write(change)
        } catch {
            failure = error
        }
    }

    private func write(_ change: ClusterChange) throws(StorageError) {
        let isInLog = if case .appended = change { true } else { false }
        // On disk, too, the order is to be kept where each request waits for it.
        if limits.flushMilliseconds == 0, isInLog != isLastInLog { try syncNow() }
        isLastInLog = isInLog
        if case .topicDeleted(let name) = change { try removeTopic(name, change) }
        track(change)
        switch change {
        case .appended(let place, let entries): try append(entries, to: place)
        case .rewritten(let place, let limit, let entries): try rewrite(place, below: limit, entries)
        case .startMoved(let place, let offset):
            try write(inJournal: change)
            try removeSegments(of: place, below: offset)
        case .topicDeleted: break
        default: try write(inJournal: change)
        }
    }

    private func write(inJournal change: ClusterChange) throws(StorageError) {
        guard let journal else { return }
        try journal.append(change)
        unsynced.insert(journal.path)
    }

    private func append(_ entries: [LogEntry], to place: TopicPartition) throws(StorageError) {
        guard let log = files(of: place), let topic = topics[place.topic], let first = entries.first,
            let last = entries.last
        else { return }
        if !log.isOpen {
            // Others are opened again when they are written to.
            if openLogs.count >= limits.openFiles {
                for other in openLogs { other.close() }
                openLogs = []
            }
            openLogs.append(log)
        }
        let stored = RecordBatch.stored(entries)
        var batch = ByteBuffer()
        batch.reserveCapacity(stored.bytes.count)
        stored.writeForSegment(into: &batch)
        try log.append(
            batch, first.offset...last.last,
            segmentBytes: min(topic.segmentBytes, limits.segmentBytes), unsynced: &unsynced)
    }

    private func rewrite(_ place: TopicPartition, below limit: Int64, _ entries: [LogEntry])
        throws(StorageError)
    {
        guard let log = files(of: place) else { return }
        let batches = entries.map { RecordBatch.stored($0) }
        let left = batches.reduce(0) { $0 + Int64($1.bytes.count) }
        // Until it is worth while the file has more than the log; a restart then compacts it anew.
        if log.bytes(below: limit) - left < limits.compactionBytes { return }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Int(left))
        for batch in batches { batch.writeForSegment(into: &buffer) }
        try log.rewrite(below: limit, buffer)
    }

    private func removeSegments(of place: TopicPartition, below offset: Int64) throws(StorageError) {
        guard let log = files(of: place), log.hasSegments(below: offset) else { return }
        // Otherwise a loss of power could leave a log without its beginning that does not know where it begins.
        try journal?.sync()
        try log.removeSegments(below: offset)
    }

    private func removeTopic(_ name: String, _ change: ClusterChange) throws(StorageError) {
        try write(inJournal: change)
        guard let topic = topics[name] else { return }
        logs = logs.filter { $0.key.topic != name }
        openLogs.removeAll { $0.folder.hasPrefix("\(folder)/topics/\(topic.number)/") }
        try journal?.sync()
        try File.remove("\(folder)/topics/\(topic.number)")
    }

    /// Remembers of topics what their files need.
    private func track(_ change: ClusterChange) {
        switch change {
        case .topicCreated(let name, _, let settings, let number):
            topics[name] = Topic(number: number, segmentBytes: Int64(settings["segment.bytes"]) ?? .max)
        case .settingsChanged(let name, let settings):
            topics[name]?.segmentBytes = Int64(settings["segment.bytes"]) ?? .max
        case .topicDeleted(let name): topics[name] = nil
        default: break
        }
    }

    /// The files of a log. The number of its topic tells it from one that was called the same.
    private func files(of place: TopicPartition) -> LogFiles? {
        if let log = logs[place] { return log }
        guard let topic = topics[place.topic] else { return nil }
        let log = LogFiles("\(folder)/topics/\(topic.number)/\(place.topic)-\(place.partition)")
        logs[place] = log
        return log
    }

    // MARK: What is certain

    /// To be called before anybody is told of changes; fails if one of them is not written. The model is one
    /// whose changes were all noted.
    func flush(_ model: ClusterModel) throws(StorageError) {
        if let failure = failure ?? sync.failure {
            self.failure = failure
            throw failure
        }
        do throws(StorageError) {
            if let journal, journal.growth > limits.journalBytes { try journal.rewrite(model.state()) }
            if limits.flushMilliseconds == 0 { return try syncNow() }
            if model.now - lastSync < limits.flushMilliseconds || unsynced.isEmpty { return }
            if sync.start(unsynced) {
                lastSync = model.now
                unsynced = []
            }
        } catch {
            failure = error
            throw error
        }
    }

    private func syncNow() throws(StorageError) {
        for path in unsynced { try File.sync(path) }
        unsynced = []
    }

    /// Everything is certain from here on; nothing more is written, and the folder is free.
    func close() throws(StorageError) {
        defer {
            failure = failure ?? StorageError("\(folder): closed")
            (logs, openLogs, journal, lock) = ([:], [], nil, nil)
        }
        sync.wait()
        if let failure = failure ?? sync.failure { throw failure }
        try syncNow()
    }
}
