internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Refuses what an address asks beyond its rate, by a token bucket for each.
final class RateMiddleware<Context: RemoteAddressRequestContext>: RouterMiddleware, Sendable {
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let rate: Double
    private let clientsMax: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    init(rate: Int, clientsMax: Int) {
        self.rate = Double(rate)
        self.clientsMax = clientsMax
    }

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if rate > 0, !admits(context.remoteAddress?.ipAddress ?? "", now: ContinuousClock.now) {
            throw Problem(
                .tooManyRequests, "this address may make \(Int(rate)) requests a second",
                headers: [.retryAfter: "1"])
        }
        return try await next(request, context)
    }

    func admits(_ client: String, now: ContinuousClock.Instant) -> Bool {
        buckets.withLock { buckets in
            // Whoever has been away for a second has a full bucket again and need not be remembered.
            if buckets.count >= clientsMax { buckets = buckets.filter { now - $0.value.at < .seconds(1) } }
            if buckets.count >= clientsMax, buckets[client] == nil { return false }
            var bucket = buckets[client] ?? Bucket(tokens: rate, at: now)
            bucket.tokens = min(rate, bucket.tokens + (now - bucket.at) / .seconds(1) * rate)
            bucket.at = now
            let isAdmitted = bucket.tokens >= 1
            if isAdmitted { bucket.tokens -= 1 }
            buckets[client] = bucket
            return isAdmitted
        }
    }
}
