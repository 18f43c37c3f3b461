public import Alerting
public import Contracts
public import Routing

/// How the orchestration service runs.
public struct OrchestratorConfiguration: Sendable, Equatable {
    /// What the bearer of a token may do.
    public enum Role: String, Sendable, CaseIterable, Comparable {
        /// Ask.
        case read
        /// Ask, give orders, report outcomes and change experiments.
        case operate

        /// By what they may do.
        public static func < (a: Role, b: Role) -> Bool { a == .read && b == .operate }
    }

    /// Why a configuration cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A number is below what it can be.
        case tooSmall(String, Int)
        /// Of the certificate and its key only one is given.
        case halfTLS
        /// A token is shorter than 16 bytes.
        case shortToken
        /// The service would be open to other hosts without tokens and without saying that this is meant.
        case open(String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .tooSmall(let name, let value): "serve.\(name) is \(value); it must be at least 1"
            case .halfTLS: "serve.certificate and serve.privateKey belong together; one is missing"
            case .shortToken:
                "a token in serve.tokens is shorter than 16 bytes; make one with: openssl rand -hex 32"
            case .open(let host):
                "serve.host is '\(host)', which other hosts reach, and serve.tokens is empty: "
                    + "add tokens, or say serve.allowAnonymous: true"
            }
        }
    }

    /// Where it listens. Only this machine, unless told otherwise.
    public var host = "127.0.0.1"
    /// The port; 0 takes any that is free.
    public var port = 8080
    /// What this instance is called in its answers.
    public var instance = "orchestrator"
    /// PEM file of the certificate chain; nil: no TLS.
    public var certificate: String?
    /// PEM file of its key.
    public var privateKey: String?
    /// Bearer tokens and what they allow; none: everybody may do everything.
    public var tokens: [String: Role] = [:]
    /// Whether other hosts may do everything without a token.
    public var allowAnonymous = false
    /// Bytes of a request's body at most.
    public var bodyBytesMax = 1 << 20
    /// Customers in a batch, or outcomes in a report, at most.
    public var batchMax = 1_000
    /// Connections at a time at most.
    public var connectionsMax = 4_096
    /// Requests a second that one address may make, and as many at once; 0: any number.
    public var clientRateMax = 0
    /// Addresses whose rates are watched at a time.
    public var clientsMax = 10_000
    /// Listeners to events at a time at most.
    public var subscribersMax = 64
    /// Events that wait for a slow listener; then the oldest are dropped.
    public var eventsBuffered = 256
    /// Decisions a second that are shown as events at most.
    public var decisionEventsPerSecond = 5
    /// Records that wait for a cluster that is away, at most; then reports are refused.
    public var publishQueueMax = 100_000
    /// From when on answers are called stale, in milliseconds.
    public var staleMilliseconds = 5_000
    /// How far the time of telemetry, outcomes and exposures may be after their record's time stamp; later ones are not
    /// used.
    public var eventTime = EventTimeLimit()
    /// When alerts of lag and of experiments' ratios fire. Their windows are minutes.
    public var alerts = AlertConfiguration()
    /// Where alerts are sent: what takes Alertmanager's `POST /api/v2/alerts`. Nil: nowhere.
    public var alertWebhook: String?
    /// How often those that fire are sent again, in seconds; less than Alertmanager's `resolve_timeout`.
    public var alertRepeatSeconds = 60
    /// What scores are made of.
    public var weights = RoutingWeights()
    /// Started when nothing else runs, unless there was one of its name.
    public var experiment: ConfiguredExperiment?

    /// The default.
    public init() {}

    /// Throws what is wrong first.
    public func validate() throws {
        for (name, value) in [
            ("bodyBytesMax", bodyBytesMax), ("batchMax", batchMax), ("connectionsMax", connectionsMax),
            ("clientsMax", clientsMax), ("subscribersMax", subscribersMax),
            ("eventsBuffered", eventsBuffered),
            ("publishQueueMax", publishQueueMax), ("staleMilliseconds", staleMilliseconds),
            ("alertRepeatSeconds", alertRepeatSeconds),
        ] where value < 1 {
            throw Failure.tooSmall(name, value)
        }
        if (certificate == nil) != (privateKey == nil) { throw Failure.halfTLS }
        if tokens.keys.contains(where: { $0.utf8.count < 16 }) { throw Failure.shortToken }
        if tokens.isEmpty, !allowAnonymous, !isLoopback { throw Failure.open(host) }
        try alerts.validate()
        try weights.validate()
    }

    private var isLoopback: Bool { host.hasPrefix("127.") || host == "localhost" || host == "::1" }
}
