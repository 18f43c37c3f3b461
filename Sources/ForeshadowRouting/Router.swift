internal import Contracts
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
/// ```
public final class Router: Sendable {
    /// What is asked and answered from.
    public let table: RoutingTable
    /// Reads the topics.
    public let follower: TopicFollower
    private let weights: RoutingWeights

    /// A router of a pipeline's partitions, which must be those of its configuration, in the same order.
    ///
    /// `inputPrefix` and `outputPrefix` are the pipeline's, if its topics have any. Throws if the partitions or
    /// weights cannot be used.
    public init(
        _ client: ClientConfiguration, partitions: [String], weights: RoutingWeights = RoutingWeights(),
        roundTrips: RoundTrips? = nil, inputPrefix: String = "", outputPrefix: String = "", logger: Logger
    ) throws {
        try weights.validate()
        self.weights = weights
        let table = RoutingTable(try PartitionMap(partitions), roundTrips: roundTrips)
        self.table = table
        let records = RoutingRecords(table)
        let topics = RoutingRecords.Source.allCases.map { source in
            switch source {
            case .vectors, .commands: outputPrefix + source.topic
            case .profiles, .telemetry: inputPrefix + source.topic
            }
        }
        follower = TopicFollower(client, topics: topics, logger: logger) { number, record in
            if let source = RoutingRecords.Source(rawValue: number) { records.apply(source, record) }
        }
    }

    /// Follows the topics until the task is cancelled, or `stop`.
    public func run() async throws { try await follower.run() }

    /// Ends `run`.
    public func stop() { follower.stop() }

    /// Waits until everything that was there at the start has been applied.
    public func untilCaughtUp() async throws {
        while !follower.status.isCaughtUp { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// How long what is answered may have been out of date; nil before it was current once.
    public var age: Duration? { follower.current.map { ContinuousClock.now - $0 } }

    /// Decides for a customer.
    public func decide(_ customer: String, _ request: RoutingRequest = RoutingRequest()) -> Decision {
        table.decide(customer.utf8Span.span.bytes, request, weights)
    }

    /// Decides for a customer, by its bytes.
    public func decide(_ customer: RawSpan, _ request: RoutingRequest = RoutingRequest()) -> Decision {
        table.decide(customer, request, weights)
    }
}
