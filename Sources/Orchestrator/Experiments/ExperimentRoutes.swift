internal import Contracts
internal import ForeshadowRouting
internal import Foundation
internal import Hummingbird

/// Experiments by HTTP: what is known of them, and how they are started and ended.
struct ExperimentRoutes: Sendable {
    let book: ExperimentBook
    let keeper: ExperimentKeeper
    let configuration: OrchestratorConfiguration

    private static let name: RouterPath = "/v1/experiments/{experiment}"

    /// `readers` may look, `operators` may change.
    func add(
        to readers: some RouterMethods<OrchestratorContext>, operators: AccessMiddleware<OrchestratorContext>
    ) {
        readers.endpoint("/v1/experiments", [(.get, all)])
        readers.endpoint(Self.name, [(.get, one), (.put, { try await operators.guarding($0, $1, start) })])
        readers.endpoint(
            "/v1/experiments/{experiment}/stop", [(.post, { try await operators.guarding($0, $1, stop) })])
        readers.endpoint(
            "/v1/experiments/{experiment}/adopt", [(.post, { try await operators.guarding($0, $1, adopt) })])
    }

    @Sendable private func all(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        let reports = book.reports
        return .json { writer in
            writer.literal("{\"experiments\":")
            writer.list(reports) { $0.experiment($1.record, $1.report) }
            writer.literal("}")
        }
    }

    @Sendable private func one(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        let name = try Request.part("experiment", context)
        guard let (record, report) = book.report(name) else { throw Self.unknown }
        return .json { $0.experiment(record, report) }
    }

    private static let unknown = Problem(.unknownExperiment, "there is no such experiment")

    @Sendable private func start(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let name = try Request.part("experiment", context)
        let body = try await request.decode(
            ExperimentDefinition.self, limit: configuration.bodyBytesMax, shape: ExperimentDefinition.shape)
        let record: ExperimentRecord
        do {
            record = try body.record(name, now: Self.now)
        } catch {
            throw Problem(.malformedRequest, "\(error)")
        }
        if book.record(name) != nil {
            throw Problem(.conflict, "there is, or was, an experiment of that name; choose another")
        }
        if let running = book.runningRecord {
            throw Problem(.conflict, "experiment '\(running.name)' is running; one can at a time")
        }
        guard keeper.begin(name) else {
            throw Problem(.conflict, "an experiment was started just now; one can at a time")
        }
        return try accept(record)
    }

    private struct Ending: Decodable {
        var by: String
        var reason: String
    }

    @Sendable private func stop(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        let name = try Request.part("experiment", context)
        let body = try await request.decode(Ending.self, limit: configuration.bodyBytesMax)
        try Self.check(by: body.by, reason: body.reason)
        let record = try running(name)
        return try accept(
            keeper.ended(record, adopting: nil, by: body.by, reason: body.reason, now: Self.now))
    }

    private struct Adoption: Decodable {
        var variant: String
        var by: String
        var reason: String
    }

    @Sendable private func adopt(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let name = try Request.part("experiment", context)
        let body = try await request.decode(Adoption.self, limit: configuration.bodyBytesMax)
        try Self.check(by: body.by, reason: body.reason)
        let record = try running(name)
        guard record.variants.contains(where: { $0.name == body.variant }) else {
            throw Problem(.malformedRequest, "variant is none of the experiment's")
        }
        return try accept(
            keeper.ended(record, adopting: body.variant, by: body.by, reason: body.reason, now: Self.now))
    }

    private func running(_ name: String) throws -> ExperimentRecord {
        guard let record = book.record(name) else { throw Self.unknown }
        if record.state != .running {
            throw Problem(.conflict, "the experiment is not running: it is \(record.state.rawValue)")
        }
        return record
    }

    private static var now: EventTime { EventTime(Date().timeIntervalSince1970 * 1_000) }

    private static func check(by: String, reason: String) throws {
        guard (1...ShadowOrder.nameBytesMax).contains(by.utf8.count),
            (1...ShadowOrder.reasonBytesMax).contains(reason.utf8.count)
        else {
            throw Problem(
                .malformedRequest,
                "by has 1 to \(ShadowOrder.nameBytesMax) bytes, reason 1 to \(ShadowOrder.reasonBytesMax)")
        }
    }

    private func accept(_ record: ExperimentRecord) throws -> Response {
        guard try keeper.publish(record) else {
            throw Problem(
                .tooManyRequests, "as many records wait for the cluster as may; try again later",
                headers: [.retryAfter: "5"])
        }
        return .json(.accepted) { writer in
            writer.literal("{\"name\":")
            writer.string(record.name)
            writer.literal(",\"state\":")
            writer.string(record.state.rawValue)
            writer.literal(",\"epoch\":")
            writer.integer(record.epoch)
            writer.literal("}")
        }
    }
}
