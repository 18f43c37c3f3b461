internal import Contracts
internal import ForeshadowRouting
internal import Foundation
internal import Hummingbird

/// What clients hand in: outcomes of routed requests, and operators' orders.
struct ReportRoutes: Sendable {
    let publisher: RecordPublisher
    let live: LiveState
    let lookup: Lookup
    let configuration: OrchestratorConfiguration
    /// The topics' names.
    let outcomesTopic: String
    let ordersTopic: String

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/v1/outcomes", [(.post, outcomes)])
        router.endpoint("/v1/shadows/{shadow}/orders", [(.post, order)])
    }

    private struct Outcomes: Decodable {
        var outcomes: [Outcome]
    }

    private struct Outcome: Decodable {
        var decision: String
        var customer: String
        var experiment: String?
        var variant: String?
        var cell: String?
        var partition: String
        var time: Int64?
        var latencyMicros: Int64
        var error: Bool?
        var remote: Bool?
    }

    @Sendable private func outcomes(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        let report = try await request.decode(Outcomes.self, limit: configuration.bodyBytesMax).outcomes
        guard (1...configuration.batchMax).contains(report.count) else {
            throw Problem(
                .malformedRequest, "outcomes: 1 to \(configuration.batchMax) can be reported at once")
        }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let records = try report.enumerated().map { try record($1, at: $0, now: now) }
        try accept(records)
        return .json(.accepted) { writer in
            writer.literal("{\"accepted\":")
            writer.integer(Int64(records.count))
            writer.literal("}")
        }
    }

    private func record(_ outcome: Outcome, at place: Int, now: Int64) throws -> RecordPublisher.Waiting {
        func refuse(_ what: String) -> Problem { Problem(.malformedRequest, "outcomes[\(place)].\(what)") }
        guard (1...256).contains(outcome.customer.utf8.count) else {
            throw refuse("customer has 1 to 256 bytes")
        }
        guard (1...128).contains(outcome.decision.utf8.count) else {
            throw refuse("decision has 1 to 128 bytes")
        }
        for (name, text) in [
            ("experiment", outcome.experiment), ("variant", outcome.variant), ("cell", outcome.cell),
        ] {
            guard let text else { continue }
            guard (1...128).contains(text.utf8.count) else { throw refuse("\(name) has 1 to 128 bytes") }
        }
        guard lookup.table.partitions.find(outcome.partition) != nil else {
            throw Problem(
                .unknownPartition, "outcomes[\(place)].partition is none of the configured partitions")
        }
        guard (0...Self.latencyMax).contains(outcome.latencyMicros) else {
            throw refuse("latencyMicros is 0 to \(Self.latencyMax)")
        }
        let time = outcome.time ?? now
        guard (0...Self.timeMax).contains(time) else { throw refuse("time is epoch milliseconds") }
        let record = RoutingOutcome(
            decision: outcome.decision, customer: Array(outcome.customer.utf8),
            experiment: outcome.experiment,
            variant: outcome.variant ?? RoutingOutcome.noVariant, cell: outcome.cell,
            partition: outcome.partition, time: time, latencyMicros: outcome.latencyMicros,
            isError: outcome.error ?? false, isRemote: outcome.remote ?? false)
        var writer = JSONWriter()
        record.encode(into: &writer)
        return RecordPublisher.Waiting(
            topic: outcomesTopic, key: record.customer, value: writer.bytes)
    }

    /// A day; and the year 9999.
    private static let latencyMax: Int64 = 86_400_000_000
    private static let timeMax: Int64 = 253_402_300_799_999

    private struct Order: Decodable {
        var order: String
        var by: String
        var reason: String
    }

    @Sendable private func order(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let name = try Request.part("shadow", context)
        let body = try await request.decode(Order.self, limit: configuration.bodyBytesMax)
        guard let kind = OrderKind(rawValue: body.order) else {
            let known = OrderKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.malformedRequest, "order is one of \(known)")
        }
        guard let command = live.command(name) else {
            throw Problem(
                .unknownShadow, "there is no such shadow; its name is source>target, percent-encoded")
        }
        guard (1...ShadowOrder.nameBytesMax).contains(body.by.utf8.count),
            (1...ShadowOrder.reasonBytesMax).contains(body.reason.utf8.count)
        else {
            throw Problem(
                .malformedRequest,
                "by has 1 to \(ShadowOrder.nameBytesMax) bytes, reason 1 to \(ShadowOrder.reasonBytesMax)")
        }
        let id = UUID().uuidString.lowercased()
        let order = ShadowOrder(
            id: id, time: Int64(Date().timeIntervalSince1970 * 1_000), kind: kind, source: command.source,
            target: command.target, by: body.by, reason: body.reason)
        var value = JSONWriter()
        order.encode(names: lookup.names, into: &value)
        try accept([RecordPublisher.Waiting(topic: ordersTopic, key: Array(name.utf8), value: value.bytes)])
        return .json(.accepted) { writer in
            writer.literal("{\"id\":")
            writer.string(id)
            writer.literal(",\"shadow\":")
            writer.string(name)
            writer.literal(",\"order\":")
            writer.string(kind.rawValue)
            writer.literal("}")
        }
    }

    private func accept(_ records: [RecordPublisher.Waiting]) throws {
        if !publisher.offer(records) {
            throw Problem(
                .tooManyRequests, "as many records wait for the cluster as may; report again later",
                headers: [.retryAfter: "5"])
        }
    }
}
