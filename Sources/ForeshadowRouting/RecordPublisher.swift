internal import Foundation
package import Kafka
package import Logging
internal import Synchronization

/// Publishes records that clients hand in, in their order. What is accepted is published when the cluster is there; while it
/// is away the records wait, and once too many do, no more are accepted.
///
/// A record that the cluster would never take (too large, no such topic, no right) is dropped: it is logged and counted, and
/// those behind it go on.
package final class RecordPublisher: Sendable {
    package struct Waiting: Sendable, Equatable {
        package var topic: String
        package var key: [UInt8]
        package var value: [UInt8]

        package init(topic: String, key: [UInt8], value: [UInt8]) {
            self.topic = topic
            self.key = key
            self.value = value
        }

        var byteCount: Int { key.count + value.count }
    }

    private struct State {
        var waiting: [Waiting] = []
        var isStopping = false
        var published = 0
        /// Records that were refused, by topic.
        var dropped: [String: Int64] = [:]
    }

    private let client: ClientConfiguration
    private let logger: Logger
    private let waitingMax: Int
    private let state = Mutex(State())

    /// How long what still waits may take when the process is told to stop.
    private static let lastSeconds = 5.0

    package init(_ client: ClientConfiguration, waitingMax: Int, logger: Logger) {
        self.client = client
        self.waitingMax = waitingMax
        self.logger = logger
    }

    /// Takes all of `records`, or none if there is no room.
    package func offer(_ records: [Waiting]) -> Bool {
        state.withLock { state in
            if state.isStopping || state.waiting.count + records.count > waitingMax { return false }
            state.waiting += records
            return true
        }
    }

    package var waitingCount: Int { state.withLock { $0.waiting.count } }
    package var firstWaiting: Waiting? { state.withLock { $0.waiting.first } }

    /// Takes out what waits: for whoever publishes it otherwise.
    package func takeWaiting() -> [Waiting] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    package var publishedCount: Int { state.withLock { $0.published } }
    /// How many records were dropped because the cluster would never take them, by topic.
    package var dropped: [String: Int64] { state.withLock { $0.dropped } }

    package func stop() { state.withLock { $0.isStopping = true } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    package func run() async throws {
        try await withTaskCancellationHandler {
            try await DedicatedThread.run(named: "publisher") { self.publish() }
        } onCancel: {
            stop()
        }
    }

    // MARK: Publishing

    private func publish() {
        var sender = RecordSender(client, logger: logger)
        var drops = DropLog(logger)
        var deadline: ContinuousClock.Instant?
        /// Records at the front that are sent one by one, because one of them was refused.
        var lone = 0
        while true {
            if isStopping, deadline == nil { deadline = .now + .seconds(Self.lastSeconds) }
            let group = state.withLock { RecordSender.group($0.waiting, alone: lone > 0) }
            if group.isEmpty {
                if isStopping { break }
                Thread.sleep(forTimeInterval: 0.02)
                continue
            }
            let outcomes = sender.send(group) {
                if isStopping, deadline == nil { deadline = .now + .seconds(Self.lastSeconds) }
                return deadline.map { ContinuousClock.now >= $0 } ?? false
            }
            lone = max(0, lone - 1) + settle(group, outcomes, &drops)
            if let deadline, ContinuousClock.now >= deadline, waitingCount > 0 {
                logger.error(
                    "\(waitingCount) records are lost: the cluster is away and the process has to stop")
                break
            }
        }
        sender.close()
    }

    /// Removes what is published or dropped. Answers how many of the others are to be sent alone.
    private func settle(_ group: [Waiting], _ outcomes: [DeliveryLog.Outcome], _ drops: inout DropLog) -> Int
    {
        var left: [Waiting] = []
        var alone = 0
        var published = 0
        for (record, outcome) in zip(group, outcomes) {
            switch outcome {
            case .acknowledged: published += 1
            case .waiting, .unknown: left.append(record)
            case .refused(let error):
                if group.count > 1, RecordSender.isOfBatch(error) {
                    // The cluster refused a batch; only by itself is it known which record it meant.
                    left.append(record)
                    alone = left.count
                } else {
                    drops.note(
                        topic: record.topic, key: record.key, bytes: record.byteCount, error, now: .now)
                    state.withLock { $0.dropped[record.topic, default: 0] += 1 }
                }
            }
        }
        state.withLock { state in
            state.waiting.replaceSubrange(0..<min(group.count, state.waiting.count), with: left)
            state.published += published
        }
        return alone
    }
}
