internal import Foundation
public import Kafka
public import Logging
internal import Synchronization

/// Reads all of some topics from their beginning and goes on for ever, outside of any group: for tables that every process
/// holds whole.
///
/// An error never takes away what was applied: following goes on from there when the cluster is back. A topic that gets
/// more topic partitions is followed in all of them. If a topic was deleted and created again, what was applied is of no
/// more use: `startOver` is called and everything is read from the beginning.
public final class TopicFollower: Sendable {
    /// Takes a record of the topic of that number. Called on one thread.
    public typealias Apply = @Sendable (_ topic: Int, _ record: borrowing Record) -> Void

    let client: ClientConfiguration
    let topics: [String]
    let logger: Logger
    let timing: FollowerTiming
    let state: Mutex<FollowerState>
    private let apply: Apply
    private let startOver: @Sendable () -> Void

    private static let pollMilliseconds: Int32 = 100
    private static let batch = 2_000
    private static let backoffLimitMilliseconds = 5_000

    /// Follows `topics` once it runs; `apply` gets the number of the topic in that list. `startOver` forgets all that was
    /// applied, of all topics, and is called on the same thread.
    public convenience init(
        _ client: ClientConfiguration, topics: [String], logger: Logger,
        startOver: @escaping @Sendable () -> Void, apply: @escaping Apply
    ) {
        self.init(
            client, topics: topics, timing: FollowerTiming(), logger: logger, startOver: startOver,
            apply: apply)
    }

    package init(
        _ client: ClientConfiguration, topics: [String], timing: FollowerTiming, logger: Logger,
        startOver: @escaping @Sendable () -> Void, apply: @escaping Apply
    ) {
        self.client = client
        self.topics = topics
        self.timing = timing
        self.logger = logger
        self.startOver = startOver
        self.apply = apply
        state = Mutex(FollowerState(topics))
    }

    /// Follows until `stop`, or until the task is cancelled.
    public func run() async throws {
        try await withTaskCancellationHandler {
            // Nobody waits for it: while the cluster is away, librdkafka may not return from asking for an end.
            Task { try? await DedicatedThread.run(named: "ends") { self.watch() } }
            try await DedicatedThread.run(named: "follower") { self.follow() }
        } onCancel: {
            stop()
        }
    }

    /// Ends `run`.
    public func stop() { state.withLock { $0.isStopping = true } }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// How far it is.
    public var status: FollowerStatus {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        return state.withLock { $0.status(now: now) }
    }

    /// Everything published before this moment has been applied; nil before that was so once, while topic partitions that
    /// were added are read, and while everything is read again.
    public var current: ContinuousClock.Instant? { state.withLock { $0.current } }

    func wait(milliseconds: Int) {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while ContinuousClock.now < end, !isStopping { Thread.sleep(forTimeInterval: 0.02) }
    }

    // MARK: Following

    private func follow() {
        var pause = 100
        while !isStopping {
            do throws(KafkaError) {
                try session()
                pause = 100
            } catch {
                logger.warning("following starts anew: \(error)")
                state.withLock {
                    $0.restarts += 1
                    $0.error = "\(error)"
                }
                wait(milliseconds: pause)
                pause = min(Self.backoffLimitMilliseconds, pause * 2)
            }
        }
    }

    /// Looks at the topics and their logs, then reads until they have to be looked at again.
    private func session() throws(KafkaError) {
        state.withLock { $0.beginSession() }
        let admin = try Admin(client, logger: logger)
        let places = try places(admin)
        try inspect(admin)
        let offsets = state.withLock { state in
            state.add(places)
            return state.progress.offsets
        }
        let consumer = try Consumer(
            client.defaulting(["group.id": "foreshadow-follower", "fetch.wait.max.ms": "50"])
                // An offset that is not there is looked into, rather than passed over.
                .setting(["auto.offset.reset": "error"]), logger: logger)
        do throws(KafkaError) {
            try read(consumer, from: offsets)
        } catch {
            ClientDisposal.close(consumer)
            throw error
        }
        ClientDisposal.close(consumer)
    }

    /// Applies records until another session is needed.
    private func read(_ consumer: Consumer, from offsets: [TopicPartition: Int64]) throws(KafkaError) {
        try consumer.assign(offsets)
        state.withLock { $0.error = nil }
        while state.withLock({ !$0.isStopping && !$0.needsSession }) {
            let batch = consumer.poll(maximum: Self.batch, timeoutMilliseconds: Self.pollMilliseconds)
            try take(batch)
        }
    }

    /// The topic partitions of all topics; throws if one is missing, or has fewer than are followed.
    private func places(_ admin: Admin) throws(KafkaError) -> [(TopicPartition, Int)] {
        let found = try admin.topics()
        compare(found)
        var places: [(TopicPartition, Int)] = []
        for (number, topic) in topics.enumerated() {
            let count = found.first { $0.name == topic }?.topicPartitions ?? 0
            if count == 0 {
                throw KafkaError(
                    code: 3, reason: "topic '\(topic)' does not exist: 'foreshadow topics apply' makes it",
                    remedy: .fix)
            }
            let (known, isReturned) = state.withLock {
                ($0.progress.topicPartitions(of: number), $0.isReturned(number))
            }
            if count < known, !isReturned {
                throw KafkaError(
                    code: 3,
                    reason: """
                        topic '\(topic)' has \(count) topic partitions, where it had \(known): if that stays, it was \
                        deleted and created again, and everything is read from the beginning
                        """, remedy: .fix)
            }
            for partition in 0..<count { places.append((TopicPartition(topic, partition), number)) }
        }
        return places
    }

    /// Finds out whether the logs are still those that records were applied of, and what of them was deleted meanwhile.
    private func inspect(_ admin: Admin) throws(KafkaError) {
        let (next, applied, returned) = state.withLock {
            ($0.progress.next, $0.progress.trusted, $0.returnedTopics)
        }
        let asked = next.keys.filter { !returned.contains($0.topic) }.sorted()
        let ranges = try asked.isEmpty ? [:] : admin.watermarks(of: asked)
        if ranges.count < asked.count {
            throw KafkaError(code: -185, reason: "the cluster does not tell all ends", remedy: .retry)
        }
        var inspection = LogInspection(next: next, ranges: ranges, gone: returned)
        let suspects = inspection.suspects(applied)
        let found = try LogProbe(client: client, logger: logger).records(at: suspects.mapValues(\.offset))
        inspection.compare(suspects, with: found)
        report(inspection, next, returned)
        state.withLock { $0.take(inspection) }
        if !inspection.replaced.isEmpty || !returned.isEmpty { startOver() }
    }

    private func report(
        _ inspection: LogInspection, _ next: [TopicPartition: Int64], _ returned: Set<String>
    ) {
        for (place, offsets) in inspection.lost.sorted(by: { $0.key < $1.key }) {
            logger.error(
                """
                \(place): up to \(offsets.count) records were deleted before they were read, offsets \
                \(offsets.lowerBound) to \(offsets.upperBound - 1): it goes on with what is there
                """)
        }
        for (place, evidence) in inspection.replaced.sorted(by: { $0.key < $1.key }) {
            logger.error(
                """
                topic '\(place.topic)' was deleted and created again: \(place) was read up to offset \
                \(next[place] ?? 0), and now \(evidence). All topics are read again from the beginning
                """)
        }
        for topic in returned.sorted() where !inspection.replaced.keys.contains(where: { $0.topic == topic })
        {
            logger.error(
                "topic '\(topic)' was deleted and created again. All topics are read again from the beginning"
            )
        }
    }

    // MARK: Records

    /// What a batch held of one topic partition.
    private struct Seen {
        var next: Int64 = 0
        var published: Int64?
        var count: Int64 = 0
        /// The place of its last record in the batch.
        var last: Int?
    }

    /// Applies a batch, then notes once per topic partition how far it is.
    private func take(_ batch: borrowing MessageBatch) throws(KafkaError) {
        var seen: [TopicPartition: Seen] = [:]
        var names: [TopicHandle: (name: String, number: Int)] = [:]
        for i in 0..<batch.count {
            switch batch.event(at: i) {
            case .end(let place, let offset):
                seen[place, default: Seen()].next = max(offset, seen[place]?.next ?? 0)
            case .failure(let error):
                if error.isFatal || error.remedy == .fix { throw error }
                state.withLock { $0.error = "\(error)" }
            case nil:
                let record = batch.record(at: i)
                let known = names[record.topic] ?? name(record.topic)
                names[record.topic] = known
                apply(known.number, record)
                let place = TopicPartition(known.name, record.partition)
                let count = seen[place]?.count ?? 0
                seen[place] = Seen(
                    next: record.offset + 1, published: record.timestamp, count: count + 1, last: i)
            }
        }
        if seen.isEmpty { return }
        var last: [TopicPartition: AppliedRecord] = [:]
        for (place, at) in seen {
            guard let index = at.last else { continue }
            let record = batch.record(at: index)
            last[place] = AppliedRecord(offset: record.offset, fingerprint: RecordFingerprint(record))
        }
        state.withLock { state in
            for (place, at) in seen {
                state.progress.applied(
                    place, next: at.next, published: at.published, records: at.count, last: last[place])
            }
            state.moved()
        }
    }

    private func name(_ handle: TopicHandle) -> (name: String, number: Int) {
        let name = handle.name
        return (name, topics.firstIndex(of: name) ?? 0)
    }
}
