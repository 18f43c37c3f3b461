internal import Contracts
internal import Foundation
public import Kafka
public import Logging
public import Routing

/// Answers "which partition for this customer, now?" in the process of who asks: follows the topics and holds what they say
/// in memory.
///
/// ```swift
/// let router = try Router(ClientConfiguration(brokers: "kafka:9092"), partitions: ["eu-west", "us-east"], logger: logger)
/// async let following: Void = router.run()
/// try await router.untilCaughtUp()
/// let answer = router.decide("c-4711")
/// // ... reads from partition number answer.decision.readFrom ...
/// router.report(answer, of: "c-4711", latencyMicros: 840)
/// ```
///
/// It takes part in experiments as the service does: the same customer gets the same variant from both.
///
/// When a topic was deleted and created again, everything is forgotten and read from the beginning: `age` is nil and
/// `follower.status.isCaughtUp` false until that is done, and customers are unknown meanwhile.
public final class Router: Sendable {
    /// What is asked and answered from.
    public let table: RoutingTable
    /// Reads the topics.
    public let follower: TopicFollower
    private let requests: RequestRouter
    private let publisher: RecordPublisher
    private let outcomesTopic: String
    private let names: [String]

    /// A router of a pipeline's partitions, which must be those of its configuration, in the same order.
    ///
    /// `inputPrefix` and `outputPrefix` are the pipeline's, if its topics have any. `weights` are those of its
    /// configuration; what an experiment adopted comes over them. A router that does not take part in experiments
    /// publishes nothing, and so needs no more rights than to read. At most `publishQueueMax` records wait for a cluster
    /// that is away. Throws if the partitions or weights cannot be used.
    public init(
        _ client: ClientConfiguration, partitions: [String], weights: RoutingWeights = RoutingWeights(),
        roundTrips: RoundTrips? = nil, inputPrefix: String = "", outputPrefix: String = "",
        takesPartInExperiments: Bool = true, publishQueueMax: Int = 100_000, logger: Logger
    ) throws {
        try weights.validate()
        names = partitions
        let table = RoutingTable(try PartitionMap(partitions), roundTrips: roundTrips)
        self.table = table
        publisher = RecordPublisher(client, waitingMax: publishQueueMax, logger: logger)
        outcomesTopic = outputPrefix + TopicName.routingOutcomes
        let experiments = ExperimentRegister(weights)
        let exposures = ExposureLog(publisher, topic: outputPrefix + TopicName.routingExposures)
        requests = RequestRouter(table, experiments, takesPartInExperiments ? exposures : nil)
        let records = RoutingRecords(table)
        let topics = RoutingRecords.Source.allCases.map { source in
            switch source {
            case .vectors, .commands: outputPrefix + source.topic
            case .profiles, .telemetry: inputPrefix + source.topic
            }
        }
        follower = TopicFollower(
            client, topics: topics + [outputPrefix + TopicName.routingExperiments], logger: logger,
            startOver: {
                table.removeAll()
                experiments.removeAll()
            }
        ) { number, record in
            if let source = RoutingRecords.Source(rawValue: number) { return records.apply(source, record) }
            guard let value = record.value else { return }
            do {
                _ = try experiments.apply(try ExperimentRecord(decoding: value))
            } catch {
                logger.warning("an experiment cannot be used and changes nothing: \(error)")
            }
        }
    }

    /// Follows the topics until the task is cancelled, or `stop`.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.follower.run() }
            group.addTask { try await self.publisher.run() }
            defer { stop() }
            try await group.next()
        }
    }

    /// Ends `run`.
    public func stop() {
        follower.stop()
        publisher.stop()
    }

    /// Waits until everything that was there at the start has been applied.
    public func untilCaughtUp() async throws {
        while !follower.status.isCaughtUp { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// How long what is answered may have been out of date; nil before it was current once.
    public var age: Duration? { follower.current.map { ContinuousClock.now - $0 } }

    /// Decides for a customer. `cell` is where the request belongs, for experiments that switch back and forth.
    public func decide(
        _ customer: String, _ request: RoutingRequest = RoutingRequest(), cell: String? = nil
    ) -> RoutedDecision {
        decide(customer.utf8Span.span.bytes, request, cell: cell)
    }

    /// Decides for a customer, by its bytes.
    public func decide(
        _ customer: RawSpan, _ request: RoutingRequest = RoutingRequest(), cell: String? = nil
    ) -> RoutedDecision {
        requests.decide(customer, request, cell: cell, at: Self.now)
    }

    /// Tells what became of a request: experiments are judged by it. Outside of experiments nobody needs it, and nothing is
    /// published. False if as many records wait for the cluster as may, and this one is lost.
    ///
    /// `isRemote` says that it was served outside of the place it came from.
    @discardableResult
    public func report(
        _ answer: RoutedDecision, of customer: String, latencyMicros: Int64, isError: Bool = false,
        isRemote: Bool = false
    ) -> Bool {
        guard let part = answer.part else { return true }
        let outcome = RoutingOutcome(
            decision: part.id, customer: Array(customer.utf8), experiment: part.experiment,
            variant: part.variant, cell: part.cell, partition: names[Int(answer.decision.readFrom)],
            time: Self.now, latencyMicros: max(0, latencyMicros), isError: isError, isRemote: isRemote)
        var writer = JSONWriter()
        outcome.encode(into: &writer)
        return publisher.offer([.init(topic: outcomesTopic, key: outcome.customer, value: writer.bytes)])
    }

    private static var now: EventTime { EventTime(Date().timeIntervalSince1970 * 1_000) }
}
