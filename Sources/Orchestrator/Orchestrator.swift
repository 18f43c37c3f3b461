public import Contracts
internal import ForeshadowRouting
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Kafka
public import Logging
internal import NIOCore
public import Routing
public import ServiceLifecycle
internal import Synchronization

/// The partition orchestration service: answers look-ups from memory, shows what is going on and takes orders.
public final class Orchestrator: Service {
    private let parts: OrchestratorParts
    private let application: any Service
    private let bound: Bound

    /// The port, once it is known.
    private final class Bound: Sendable {
        let port = Mutex<Int?>(nil)
    }

    /// Puts the service together. Throws if the configuration cannot be used.
    public init(
        _ client: ClientConfiguration, _ partitions: PartitionMap, _ topics: OrchestratorTopics,
        _ configuration: OrchestratorConfiguration = OrchestratorConfiguration(),
        roundTrips: RoundTrips? = nil, logger: Logger
    ) throws {
        try configuration.validate()
        let parts = try OrchestratorParts(
            client, partitions, topics, configuration, roundTrips: roundTrips, logger: logger)
        let bound = Bound()
        self.parts = parts
        self.bound = bound
        application = Application(
            router: parts.router(), server: try Self.server(configuration),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connectionsMax)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port
                bound.port.withLock { $0 = port }
                let scheme = configuration.certificate == nil ? "http" : "https"
                logger.notice("serving at \(scheme)://\(configuration.host):\(port ?? configuration.port)/")
            }, logger: logger)
    }

    private static func server(_ configuration: OrchestratorConfiguration) throws -> HTTPServerBuilder {
        guard let certificate = configuration.certificate, let key = configuration.privateKey else {
            return .http1()
        }
        let chain = try NIOSSLCertificate.fromPEMFile(certificate)
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        return try .tls(.http1(), tlsConfiguration: tls)
    }

    /// The port it listens on; nil before it does.
    public var port: Int? { bound.port.withLock { $0 } }

    /// Whether everything that was there at the start is known.
    public var isReady: Bool { parts.follower.status.isCaughtUp }

    /// Serves until the task is cancelled or shut down gracefully.
    public func run() async throws {
        let (parts, application) = (parts, application)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask { try await parts.follower.run() }
            group.addTask { try await parts.publisher.run() }
            parts.flow.start()
            group.addTask { await parts.tick() }
            if let webhook = parts.webhook { group.addTask { await webhook.run() } }
            // The first to end, by failing or because it was told to, ends the others.
            defer {
                parts.stop()
                group.cancelAll()
            }
            try await group.next()
        }
    }
}
