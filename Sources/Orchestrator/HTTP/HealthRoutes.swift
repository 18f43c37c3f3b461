internal import Contracts
internal import ForeshadowRouting
internal import HTTPTypes
internal import Hummingbird
internal import Monitoring

/// What a scheduler and Prometheus ask.
struct HealthRoutes: Sendable {
    let follower: TopicFollower
    let measurements: Measurements

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/livez", [(.get, live)])
        router.endpoint("/readyz", [(.get, ready)])
        router.endpoint("/metrics", [(.get, metrics)])
    }

    /// Answering is being live: what the cluster does has no part in it.
    @Sendable private func live(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        .json { $0.literal("{\"live\":true}") }
    }

    /// Ready once everything that was there at the start is known, and from then on also while the cluster is away: what is
    /// old is still an answer. Not while a topic is gone, or is read again because it was changed.
    @Sendable private func ready(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let status = follower.status
        guard status.isCaughtUp else {
            let percent = Int(status.restoreProgress * 100)
            let why = status.error.map { ": \($0)" } ?? ""
            throw Problem(.notReady, "\(percent) % of the topics is read\(why)", headers: [.retryAfter: "1"])
        }
        return .json { $0.literal("{\"ready\":true}") }
    }

    @Sendable private func metrics(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        let format = ExpositionFormat(accept: request.headers[.accept])
        return .text(measurements.exposition(format), type: format.contentType)
    }
}
