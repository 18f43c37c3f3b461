internal import Contracts
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle

/// What operators and dashboards look at.
struct LiveRoutes: Sendable {
    let overview: Overview
    let live: LiveState
    let lookup: Lookup
    let hub: EventHub

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/v1/overview", [(.get, all)])
        router.endpoint("/v1/events", [(.get, events)])
        router.endpoint("/v1/alerts", [(.get, alerts)])
        router.endpoint("/v1/shadows", [(.get, shadows)])
        router.endpoint("/v1/shadows/{shadow}", [(.get, shadow)])
    }

    @Sendable private func all(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        let json = overview.json
        return .json { $0.append(json.span.bytes) }
    }

    @Sendable private func alerts(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        .json { writer in
            writer.literal("{\"alerts\":")
            writer.list(live.alerts) { $1.encode(into: &$0) }
            writer.literal("}")
        }
    }

    @Sendable private func shadows(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        .json { writer in
            writer.literal("{\"shadows\":")
            writer.list(live.commands) { $1.command.encode(names: lookup.names, into: &$0) }
            writer.literal("}")
        }
    }

    @Sendable private func shadow(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let name = try Request.part("shadow", context)
        guard let command = live.command(name) else {
            throw Problem(
                .unknownShadow, "there is no such shadow; its name is source>target, percent-encoded")
        }
        return .json { command.encode(names: lookup.names, into: &$0) }
    }

    /// An overview at once and every second, and in between what happens.
    @Sendable private func events(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        guard let stream = hub.listen() else {
            throw Problem(
                .tooManyRequests, "as many listeners as may be are there", headers: [.retryAfter: "5"])
        }
        let first = overview.json
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "retry: 2000\n\nevent: overview\ndata: "))
                try await writer.write(ByteBuffer(bytes: first + [0x0A, 0x0A]))
                await withGracefulShutdownHandler {
                    do {
                        for await event in stream { try await writer.write(event) }
                    } catch {
                        // The listener went away.
                    }
                } onGracefulShutdown: {
                    hub.close()
                }
                try await writer.finish(nil)
            })
    }
}
