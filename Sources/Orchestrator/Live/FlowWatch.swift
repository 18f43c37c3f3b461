internal import Foundation
internal import Kafka
internal import Logging
internal import Synchronization

/// A topic on the way from interactions to commands, and who reads it.
struct FlowStep: Sendable, Equatable {
    var topic: String
    var consumer: String
    /// The consumer's group; nil: read by this process.
    var group: String?
}

/// How much flows through a topic, and how far its reader is behind.
struct FlowFigures: Sendable, Equatable {
    var step: FlowStep
    /// Records published since the topic was made, as far as offsets tell.
    var records: Int64 = 0
    var recordsPerSecond: Double?
    var lagRecords: Int64?
    var lagSeconds: Double?
    /// For how long the reader has been behind without committing anything.
    var stalledSeconds: Double?
}

/// Asks the cluster now and then how far topics and their readers are. While it is away, nothing is known.
final class FlowWatch: Sendable {
    private let client: ClientConfiguration
    private let steps: [FlowStep]
    private let logger: Logger
    private let state: Mutex<(figures: [FlowFigures], isStopping: Bool)>

    private static let pauseSeconds = 2.0
    private static let timeoutMilliseconds: Int32 = 3_000

    init(_ client: ClientConfiguration, _ steps: [FlowStep], logger: Logger) {
        self.client = client
        self.steps = steps
        self.logger = logger
        state = Mutex((steps.map { FlowFigures(step: $0) }, false))
    }

    var figures: [FlowFigures] { state.withLock { $0.figures } }

    func stop() { state.withLock { $0.isStopping = true } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Starts watching, until `stop`. Nobody waits for its end: while the cluster is away, librdkafka may not return from
    /// asking for one.
    func start() {
        Task { try? await DedicatedThread.run(named: "flow") { self.watch() } }
    }

    private func watch() {
        var histories = steps.map { _ in EndHistory() }
        var stalls = steps.map { _ in StallHistory() }
        var admin: Admin?
        while !isStopping {
            do throws(KafkaError) {
                let asking: Admin
                if let admin {
                    asking = admin
                } else {
                    asking = try Admin(client, logger: logger, timeoutMilliseconds: Self.timeoutMilliseconds)
                }
                admin = asking
                try measure(asking, &histories, &stalls)
            } catch {
                // Nobody gets on while the cluster is away.
                stalls = steps.map { _ in StallHistory() }
                logger.debug("the flow is not known: \(error)")
                state.withLock { $0.figures = steps.map { FlowFigures(step: $0) } }
            }
            let end = ContinuousClock.now + .seconds(Self.pauseSeconds)
            while ContinuousClock.now < end, !isStopping { Thread.sleep(forTimeInterval: 0.05) }
        }
    }

    private func measure(
        _ admin: Admin, _ histories: inout [EndHistory], _ stalls: inout [StallHistory]
    ) throws(KafkaError) {
        let topics = try admin.topics()
        for (place, step) in steps.enumerated() {
            guard let topic = topics.first(where: { $0.name == step.topic }) else { continue }
            var figures = FlowFigures(step: step)
            let parts = (0..<topic.topicPartitions).map { TopicPartition(step.topic, $0) }
            var lag: Int64?
            if let group = step.group { lag = try admin.lag(ofGroup: group, parts).values.reduce(0, +) }
            for part in parts { figures.records += try admin.watermarks(of: part).upperBound }
            let now = ContinuousClock.now
            histories[place].add(figures.records, at: now)
            figures.recordsPerSecond = histories[place].perSecond
            figures.lagRecords = lag
            figures.lagSeconds = lag.flatMap { histories[place].seconds(behind: $0, now: now) }
            figures.stalledSeconds = lag.map {
                stalls[place].seconds(behind: $0, end: figures.records, now: now)
            }
            state.withLock { $0.figures[place] = figures }
        }
    }
}

/// Since when a reader stands where it stands.
struct StallHistory: Sendable {
    private var position: (offset: Int64, since: ContinuousClock.Instant)?

    /// For how long a reader that is `lag` records behind `end` has not moved; 0 if it is at the end.
    mutating func seconds(behind lag: Int64, end: Int64, now: ContinuousClock.Instant) -> Double {
        let offset = end - lag
        if lag == 0 || position?.offset != offset { position = (offset, now) }
        return position.map { (now - $0.since) / .seconds(1) } ?? 0
    }
}

/// Where the end of a topic was when: tells rates, and how long ago a record behind it was published.
struct EndHistory: Sendable {
    private var samples: [(at: ContinuousClock.Instant, end: Int64)] = []

    /// About ten minutes of samples.
    private static let samplesMax = 300
    /// Rates are over about ten seconds.
    private static let rateSamples = 6

    mutating func add(_ end: Int64, at now: ContinuousClock.Instant) {
        samples.append((now, end))
        if samples.count > Self.samplesMax { samples.removeFirst(samples.count - Self.samplesMax) }
    }

    var perSecond: Double? {
        let recent = samples.suffix(Self.rateSamples)
        guard let first = recent.first, let last = recent.last, last.at > first.at else { return nil }
        return max(0, Double(last.end - first.end)) / ((last.at - first.at) / .seconds(1))
    }

    /// How long ago the end stood where a reader stands that is `lag` records behind; of what is longer ago than is
    /// known, the longest that is.
    func seconds(behind lag: Int64, now: ContinuousClock.Instant) -> Double? {
        guard let newest = samples.last, lag > 0 else { return lag == 0 ? 0 : nil }
        let position = newest.end - lag
        let at = samples.last { $0.end <= position }?.at ?? samples[0].at
        return (now - at) / .seconds(1)
    }
}
