internal import Foundation
package import Kafka
package import Logging
internal import Synchronization

/// Publishes records that clients hand in. What is accepted is published when the cluster is there; while it is away the
/// records wait, and once too many do, no more are accepted.
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
    }

    private struct State {
        var waiting: [Waiting] = []
        var isStopping = false
        var published = 0
    }

    private let client: ClientConfiguration
    private let logger: Logger
    private let waitingMax: Int
    private let state = Mutex(State())

    private static let flushMilliseconds: Int32 = 10_000
    private static let batch = 10_000
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

    package func stop() { state.withLock { $0.isStopping = true } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    package func run() async throws {
        try await withTaskCancellationHandler {
            try await DedicatedThread.run(named: "publisher") { self.publish() }
        } onCancel: {
            stop()
        }
    }

    private func publish() {
        var producer: Producer?
        var last: ContinuousClock.Instant?
        while true {
            if isStopping, last == nil { last = ContinuousClock.now + .seconds(Self.lastSeconds) }
            let batch = state.withLock { Array($0.waiting.prefix(Self.batch)) }
            if batch.isEmpty {
                if isStopping { break }
                Thread.sleep(forTimeInterval: 0.02)
                continue
            }
            do throws(KafkaError) {
                let sending: Producer
                if let producer {
                    sending = producer
                } else {
                    sending = try Producer(client.setting(["partitioner": "murmur2_random"]), logger: logger)
                }
                producer = sending
                try send(batch, sending)
                state.withLock { state in
                    state.waiting.removeFirst(batch.count)
                    state.published += batch.count
                }
            } catch {
                logger.warning("\(batch.count) records wait: \(error)")
                producer?.close()
                producer = nil
                if let last, ContinuousClock.now >= last {
                    logger.error(
                        "\(batch.count) records are lost: the cluster is away and the process has to stop")
                    break
                }
                Thread.sleep(forTimeInterval: 0.5)
            }
        }
        producer?.close()
    }

    /// Returns once all are in their topics; throws if one may not be. Then all are sent again, and some may come twice:
    /// exposures and states are the same when they do; an order is given twice, and an outcome counts twice.
    private func send(_ records: [Waiting], _ producer: Producer) throws(KafkaError) {
        let topics = Set(records.map(\.topic)).sorted()
        var buffer = RecordBuffer(topics: topics)
        for record in records {
            guard let topic = topics.firstIndex(of: record.topic) else { continue }
            buffer.append(
                topic: topic, partition: -1, key: record.key.span.bytes, value: record.value.span.bytes)
        }
        try producer.send(buffer)
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}
