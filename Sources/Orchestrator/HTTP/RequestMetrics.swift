internal import CoreMetrics
internal import HTTPTypes
internal import Hummingbird
internal import Monitoring
internal import Synchronization

/// Counts requests and measures how long they take, by route: the pattern, never the path.
final class RequestMetrics<Context: RequestContext>: RouterMiddleware, Sendable {
    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private struct Handles: Sendable {
        var count: Counter
        var duration: Timer
    }

    private let registry: PrometheusRegistry
    private let handles = Mutex<[Key: Handles]>([:])

    init(_ registry: PrometheusRegistry) { self.registry = registry }

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let key = Key(
            route: context.endpointPath ?? "none", method: Self.method(request.method),
            status: response.status.code)
        let handles = handles(key)
        handles.count.increment()
        handles.duration.recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
        return response
    }

    /// Anybody can make methods up; what can be used here is few.
    private static func method(_ method: HTTPRequest.Method) -> String {
        [.get, .head, .post, .put].contains(method) ? method.rawValue : "other"
    }

    private func handles(_ key: Key) -> Handles {
        handles.withLock { handles in
            if let known = handles[key] { return known }
            let made = Handles(
                count: Counter(
                    label: "foreshadow_http_requests_total",
                    dimensions: [
                        ("route", key.route), ("method", key.method), ("status", String(key.status)),
                    ], factory: registry),
                duration: Timer(
                    label: "foreshadow_http_request_duration_seconds", dimensions: [("route", key.route)],
                    factory: registry))
            handles[key] = made
            return made
        }
    }
}
