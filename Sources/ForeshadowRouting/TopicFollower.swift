internal import Foundation
public import Kafka
public import Logging
internal import Synchronization

/// Reads all of some topics from their beginning and goes on for ever, outside of any group: for tables that every process
/// holds whole.
///
/// An error never takes away what was applied: following goes on from there when the cluster is back.
public final class TopicFollower: Sendable {
    /// Takes a record of the topic of that number. Called on one thread.
    public typealias Apply = @Sendable (_ topic: Int, _ record: borrowing Record) -> Void

    private struct State {
        var progress: FollowerProgress
        /// What `progress` says: look-ups ask for it, so it is found out only when something has moved.
        var current: ContinuousClock.Instant?
        var isCaughtUp = false
        var isStopping = false
        var restarts = 0
        var error: String?

        mutating func moved() {
            current = progress.current
            if current != nil { isCaughtUp = true }
        }
    }

    private let client: ClientConfiguration
    private let topics: [String]
    private let logger: Logger
    private let apply: Apply
    private let state: Mutex<State>

    private static let pollMilliseconds: Int32 = 100
    private static let batch = 2_000
    private static let backoffLimitMilliseconds = 5_000
    /// How long the cluster may take to tell an end.
    private static let endTimeoutMilliseconds: Int32 = 2_000
    private static let watchPauseMilliseconds = 250

    /// Follows `topics` once it runs; `apply` gets the number of the topic in that list.
    public init(
        _ client: ClientConfiguration, topics: [String], logger: Logger, apply: @escaping Apply
    ) {
        self.client = client
        self.topics = topics
        self.logger = logger
        self.apply = apply
        state = Mutex(State(progress: FollowerProgress(topics: topics.count)))
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

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// How far it is.
    public var status: FollowerStatus {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        return state.withLock { state in
            FollowerStatus(
                topics: state.progress.topics(topics, now: now), isCaughtUp: state.isCaughtUp,
                restoreProgress: state.isCaughtUp ? 1 : state.progress.restoreProgress,
                restarts: state.restarts, error: state.error)
        }
    }

    /// Everything published before this moment has been applied; nil before that was so once.
    public var current: ContinuousClock.Instant? { state.withLock { $0.current } }

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

    private func wait(milliseconds: Int) {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while ContinuousClock.now < end, !isStopping { Thread.sleep(forTimeInterval: 0.02) }
    }

    private func session() throws(KafkaError) {
        let places = try places()
        let offsets = state.withLock { state in
            for (place, topic) in places { state.progress.add(place, topic: topic) }
            return state.progress.offsets
        }
        let settings = ["group.id": "foreshadow-follower", "fetch.wait.max.ms": "50"]
        let consumer = try Consumer(client.defaulting(settings), logger: logger)
        defer { consumer.close() }
        try consumer.assign(offsets)
        state.withLock { $0.error = nil }
        while !isStopping {
            let batch = consumer.poll(maximum: Self.batch, timeoutMilliseconds: Self.pollMilliseconds)
            try take(batch)
        }
    }

    /// The topic partitions of all topics; throws if one is missing.
    private func places() throws(KafkaError) -> [(TopicPartition, Int)] {
        let found = try Admin(client, logger: logger).topics()
        var places: [(TopicPartition, Int)] = []
        for (number, topic) in topics.enumerated() {
            guard let description = found.first(where: { $0.name == topic }) else {
                throw KafkaError(
                    code: 3, reason: "topic '\(topic)' does not exist: 'foreshadow topics apply' makes it",
                    remedy: .fix)
            }
            for partition in 0..<description.topicPartitions {
                places.append((TopicPartition(topic, partition), number))
            }
        }
        return places
    }

    /// Applies a batch, then notes once per topic partition how far it is.
    private func take(_ batch: borrowing MessageBatch) throws(KafkaError) {
        var seen: [TopicPartition: (next: Int64, published: Int64?, count: Int64)] = [:]
        var names: [TopicHandle: (name: String, number: Int)] = [:]
        for i in 0..<batch.count {
            switch batch.event(at: i) {
            case .end(let place, let offset):
                seen[place] = (
                    max(offset, seen[place]?.next ?? 0), seen[place]?.published, seen[place]?.count ?? 0
                )
            case .failure(let error):
                if error.isFatal || error.remedy == .fix { throw error }
                state.withLock { $0.error = "\(error)" }
            case nil:
                let record = batch.record(at: i)
                let known = names[record.topic] ?? name(record.topic)
                names[record.topic] = known
                apply(known.number, record)
                let place = TopicPartition(known.name, record.partition)
                seen[place] = (record.offset + 1, record.timestamp, (seen[place]?.count ?? 0) + 1)
            }
        }
        if seen.isEmpty { return }
        state.withLock { state in
            for (place, at) in seen {
                state.progress.applied(place, next: at.next, published: at.published, records: at.count)
            }
            state.moved()
        }
    }

    private func name(_ handle: TopicHandle) -> (name: String, number: Int) {
        let name = handle.name
        return (name, topics.firstIndex(of: name) ?? 0)
    }

    // MARK: Ends

    /// Asks again and again where the ends are, so that it is known since when the view may be out of date.
    private func watch() {
        var admin: Admin?
        while !isStopping {
            do throws(KafkaError) {
                let asking: Admin
                if let admin {
                    asking = admin
                } else {
                    asking = try Admin(
                        client, logger: logger, timeoutMilliseconds: Self.endTimeoutMilliseconds)
                }
                admin = asking
                for place in state.withLock({ $0.progress.all }) where !isStopping {
                    let asked = ContinuousClock.now
                    let range = try asking.watermarks(of: place)
                    state.withLock { state in
                        state.progress.saw(range, of: place, asked: asked)
                        state.moved()
                    }
                }
            } catch {
                if error.isFatal { admin = nil }
                logger.debug("the ends are not known: \(error)")
            }
            wait(milliseconds: Self.watchPauseMilliseconds)
        }
    }
}
