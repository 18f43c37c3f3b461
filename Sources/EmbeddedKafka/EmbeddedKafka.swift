public import Foundation
public import Logging
internal import NIOCore
internal import NIOPosix
internal import SimulatedKafka

/// A Kafka broker in this process: one node, no replication, for tests, laptops and trying things out.
///
/// It is the cluster model of the simulator behind Kafka's wire protocol.
public final class EmbeddedKafka: Sendable {
    /// Where clients connect, as `host:port`.
    public let brokers: String
    private let group: MultiThreadedEventLoopGroup
    let broker: NIOLoopBound<Broker>

    /// Starts listening; port 0 takes a free one. With a folder for data, which no other broker may use, it is
    /// there again after a restart; without one everything is in memory only.
    public init(
        host: String = "127.0.0.1", port: Int = 0, data: URL? = nil, limits: BrokerLimits = BrokerLimits(),
        logger: Logger
    ) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let broker = try loop.submit {
                let node = Broker.Node(host: host, port: Int32(clamping: port))
                let storage = try data.map { try Storage($0, limits, logger: logger) }
                let broker = try Broker(limits, node: node, storage: storage, logger: logger, on: loop)
                return NIOLoopBound(broker, eventLoop: loop)
            }.wait()
            let bound: Int
            do {
                let channel = try Self.bootstrap(on: loop, broker, limits, logger)
                    .bind(host: host, port: port).wait()
                bound = channel.localAddress?.port ?? port
            } catch {
                try? loop.submit { try broker.value.stop() }.wait()
                throw error
            }
            try loop.submit { broker.value.node.port = Int32(clamping: bound) }.wait()
            brokers = "\(host):\(bound)"
            self.broker = broker
        } catch {
            group.shutdownGracefully { _ in }
            throw error
        }
    }

    deinit {
        broker.eventLoop.execute { [broker] in try? broker.value.stop() }
        group.shutdownGracefully { _ in }
    }

    /// Ends every connection and takes none any more. With a folder for data, all is in there when this returns,
    /// and another broker may use it.
    public func stop() throws {
        try broker.eventLoop.submit { [broker] in try broker.value.stop() }.wait()
    }

    /// Returns when somebody stopped the broker; throws if it had to end because it could not store something.
    public func untilStopped() async throws {
        try await withCheckedThrowingContinuation { continuation in
            broker.eventLoop.execute { [broker] in
                broker.value.whenEnded { continuation.resume(with: $0.mapError { $0 as any Error }) }
            }
        }
    }

    /// Creates a topic with settings by Kafka's names; one that is there already stays as it is.
    public func createTopic(_ name: String, topicPartitions: Int32, settings: [String: String] = [:]) throws {
        let settings = try TopicSettings(settings)
        try broker.eventLoop.submit { [broker] in
            let broker = broker.value
            if broker.model.topicPartitionCounts[name] != nil { return }
            try broker.createTopic(name, topicPartitions: topicPartitions, settings)
            try broker.flush()
        }.wait()
    }

    /// Deletes a topic with its records, as DeleteTopics does, also while the broker is off the network.
    public func deleteTopic(_ name: String) throws {
        try broker.eventLoop.submit { [broker] in
            try broker.value.model.deleteTopic(name)
            try broker.value.flush()
        }.wait()
    }

    /// Takes the broker off the network, as if its process were stopped, or brings it back: what it holds stays.
    public func setOnline(_ isOnline: Bool) throws {
        try broker.eventLoop.submit { [broker] in broker.value.setOnline(isOnline) }.wait()
    }

    /// Lets something go wrong from now on, for tests of clients.
    public func inject(_ fault: Fault) throws {
        try broker.eventLoop.submit { [broker] in broker.value.faults.add(fault) }.wait()
    }

    /// Lets nothing go wrong on purpose any more.
    public func clearFaults() throws {
        try broker.eventLoop.submit { [broker] in broker.value.faults.clear() }.wait()
    }

    private static func bootstrap(
        on loop: any EventLoop, _ broker: NIOLoopBound<Broker>, _ limits: BrokerLimits, _ logger: Logger
    ) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    let peer = channel.remoteAddress?.ipAddress ?? "?"
                    try handlers.addHandler(
                        IdleStateHandler(allTimeout: .milliseconds(limits.idleMilliseconds)))
                    try handlers.addHandler(
                        ByteToMessageHandler(
                            FrameDecoder(
                                maximum: limits.requestBytes, unfinished: broker.value.unfinished),
                            maximumBufferSize: limits.requestBytes + 4))
                    try handlers.addHandler(Connection(broker.value, host: peer, logger: logger))
                }
            }
    }
}
