import Contracts
import ForeshadowRouting
import Foundation
import HTTPTypes
import Hummingbird
import Kafka
import Logging
import NIOCore
import NIOEmbedded
import Routing

@testable import Orchestrator

/// The service without sockets and without a cluster: records are handed in, requests go to the interface itself.
final class ServiceFixture {
    let parts: OrchestratorParts
    let names: PartitionNames
    let partitions: PartitionMap
    private let responder: RouterResponder<OrchestratorContext>
    private var offset: Int64 = 0

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        }
        /// The kind of a problem.
        var problem: String? {
            guard headers[.contentType] == "application/problem+json" else { return nil }
            return (json["type"] as? String)?.split(separator: ":").last.map(String.init)
        }
    }

    init(
        _ partitions: [String] = ["eu-west", "us-east", "ap/south"],
        _ change: (inout OrchestratorConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = OrchestratorConfiguration()
        change(&configuration)
        let map = try PartitionMap(partitions)
        self.partitions = map
        names = PartitionNames(map)
        parts = try OrchestratorParts(
            ClientConfiguration(brokers: "127.0.0.1:1"), map, Self.topics, configuration, roundTrips: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        responder = parts.router().buildResponder()
    }

    static let topics = OrchestratorTopics(
        routing: [
            TopicName.affinityVectors, TopicName.customers, TopicName.partitionCommands,
            TopicName.partitionTelemetry,
        ], alerts: TopicName.alerts, experiments: TopicName.routingExperiments,
        exposures: TopicName.routingExposures, outcomes: TopicName.routingOutcomes,
        trends: TopicName.partitionTrends, forecasts: TopicName.partitionForecasts,
        quality: TopicName.modelQuality, deadLetters: TopicName.deadLetters,
        orders: TopicName.shadowOrders,
        flow: [(TopicName.interactions, "updater", "foreshadow-updater")])

    // MARK: Records

    /// When the broker appended what is fed, in 2100: after whatever time it is now.
    private static let appended: EventTime = 4_102_444_800_000

    func feed(_ source: Int, key: String, value: [UInt8]?, headers: [Header] = []) {
        let topic = parts.feed.topics(Self.topics)[source]
        let stored = StoredRecord(
            place: TopicPartition(topic, 0), offset: offset, timestamp: Self.appended, key: Array(key.utf8),
            value: value,
            headers: headers)
        offset += 1
        let batch = MessageBatch([.record(stored)], topics: [StoredTopic(topic)])
        parts.feed.apply(source, batch.record(at: 0))
    }

    func index(_ name: String) -> PartitionIndex { partitions.find(name) ?? .max }

    func vector(_ customer: String, home: String, share: [String: Double], high: [String] = []) {
        var change = VectorChange(partitions: partitions.count)
        change.sequence = UInt64(offset + 1)
        change.time = 1_767_605_400_000
        change.home = index(home)
        change.stage = .active
        for (partition, value) in share {
            change.after.share[Int(index(partition))] = ProbabilityUnits((value * 10_000).rounded())
        }
        change.after.next = change.after.share
        change.after.high = high.map(index)
        var writer = JSONWriter()
        change.encode(
            customer: customer.utf8Span.span.bytes,
            cause: Cause(topic: "interactions", topicPartition: 0, offset: 0),
            model: "\"m\"".utf8Span.span.bytes, names: names, into: &writer)
        feed(0, key: customer, value: writer.bytes)
    }

    func shadow(
        _ source: String, _ target: String, _ phase: Phase, readShareMilli: Int64 = 0,
        dualWrite: Bool = false,
        epoch: UInt64
    ) {
        let command = ShadowCommand(
            type: .readRoutingShift, source: index(source), target: index(target), epoch: epoch, phase: phase,
            readShareMilli: readShareMilli, dualWrite: dualWrite, cohortSize: 10, cohortShareMilli: 200,
            evidence: [Evidence(figure: "share", valueMilli: 200, thresholdMilli: 150)], windowStart: 0,
            windowEnd: 1)
        var writer = JSONWriter()
        command.encode(names: names, into: &writer)
        feed(2, key: command.shadow(partitions), value: writer.bytes)
    }

    func telemetry(_ partition: String, utilisationMilli: Int64, time: EventTime) {
        let telemetry = Telemetry(
            partition: index(partition), time: time, reads: 100, writes: 20, errors: 1, latencyP50Micros: 900,
            latencyP99Micros: 4_000, utilisationMilli: utilisationMilli, replicaLagMillis: 40,
            divergenceSampled: 0, divergenceFound: 0)
        var writer = JSONWriter()
        telemetry.encode(names: names, into: &writer)
        feed(3, key: partition, value: writer.bytes)
    }

    func alert(_ alert: Alert) {
        var writer = JSONWriter()
        alert.encode(into: &writer)
        feed(4, key: alert.rule, value: writer.bytes)
    }

    // MARK: Requests

    func get(_ path: String, token: String? = nil, accept: String? = nil) async throws -> Answer {
        try await ask(.get, path, nil, token: token, accept: accept)
    }

    func post(_ path: String, _ body: String, type: String? = "application/json", token: String? = nil)
        async throws -> Answer
    {
        try await ask(.post, path, body, type: type, token: token)
    }

    func put(_ path: String, _ body: String, token: String? = nil) async throws -> Answer {
        try await ask(.put, path, body, type: "application/json", token: token)
    }

    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: String?, type: String? = nil,
        token: String? = nil, accept: String? = nil
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
        if let type { head.headerFields[.contentType] = type }
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        if let accept { head.headerFields[.accept] = accept }
        let request = Request(
            head: head, body: RequestBody(buffer: body.map { ByteBuffer(string: $0) } ?? ByteBuffer()))
        let context = OrchestratorContext(
            source: ApplicationRequestContextSource(
                channel: EmbeddedChannel(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let response = try await responder.respond(to: request, context: context)
        let collected = Collected()
        try await response.body.write(BodyCollector(collected))
        return Answer(status: response.status.code, headers: response.headers, body: collected.bytes)
    }
}

/// What a response's body holds.
final class Collected: @unchecked Sendable {
    // Invariant: one writer writes, and only after it has finished is read.
    var bytes: [UInt8] = []
}

struct BodyCollector: ResponseBodyWriter {
    private let collected: Collected

    init(_ collected: Collected) { self.collected = collected }

    @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
        collected.bytes += buffer.readableBytesView
    }

    @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
