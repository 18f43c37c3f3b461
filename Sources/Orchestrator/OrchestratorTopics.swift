/// Where the service finds what it reads and writes.
public struct OrchestratorTopics: Sendable, Equatable {
    /// `affinity-vectors`, `customers`, `partition-commands` and `partition-telemetry`, in this order.
    public var routing: [String]
    /// `alerts`.
    public var alerts: String
    /// `routing-experiments`.
    public var experiments: String
    /// `routing-exposures`.
    public var exposures: String
    /// `routing-outcomes`.
    public var outcomes: String
    /// `partition-trends`.
    public var trends: String
    /// `partition-forecasts`.
    public var forecasts: String
    /// `model-quality`.
    public var quality: String
    /// `interactions-dead-letter`.
    public var deadLetters: String
    /// `shadow-orders`.
    public var orders: String
    /// The way from interactions to commands: topic, who reads it, and with which group.
    public var flow: [(topic: String, consumer: String, group: String?)]

    /// Names them.
    public init(
        routing: [String], alerts: String, experiments: String, exposures: String, outcomes: String,
        trends: String, forecasts: String, quality: String,
        deadLetters: String, orders: String,
        flow: [(topic: String, consumer: String, group: String?)]
    ) {
        self.routing = routing
        self.alerts = alerts
        self.experiments = experiments
        self.exposures = exposures
        self.outcomes = outcomes
        self.trends = trends
        self.forecasts = forecasts
        self.quality = quality
        self.deadLetters = deadLetters
        self.orders = orders
        self.flow = flow
    }

    /// Whether all names are the same.
    public static func == (a: OrchestratorTopics, b: OrchestratorTopics) -> Bool {
        a.routing == b.routing && a.alerts == b.alerts && a.experiments == b.experiments
            && a.exposures == b.exposures && a.trends == b.trends && a.forecasts == b.forecasts
            && a.quality == b.quality && a.deadLetters == b.deadLetters
            && a.outcomes == b.outcomes && a.orders == b.orders
            && a.flow.elementsEqual(b.flow) { $0 == $1 }
    }
}
