internal import HTTPTypes
internal import Hummingbird

/// Lets a request through if its bearer token allows what it wants. Without tokens everybody may do everything.
struct AccessMiddleware<Context: RequestContext>: RouterMiddleware {
    let tokens: [String: OrchestratorConfiguration.Role]
    let needed: OrchestratorConfiguration.Role

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if !tokens.isEmpty { try check(request.headers[.authorization]) }
        return try await next(request, context)
    }

    /// The same for one method of a path whose others need less.
    func guarding(
        _ request: Request, _ context: Context,
        _ handler: @Sendable (Request, Context) async throws -> Response
    ) async throws -> Response {
        if !tokens.isEmpty { try check(request.headers[.authorization]) }
        return try await handler(request, context)
    }

    private func check(_ header: String?) throws {
        guard let header, header.lowercased().hasPrefix("bearer ") else {
            throw Problem(
                .unauthorized, "a bearer token is needed: Authorization: Bearer TOKEN",
                headers: [.wwwAuthenticate: "Bearer"])
        }
        let given = Array(header.utf8.dropFirst(7))
        // All tokens are looked at, all bytes of each, so that the time taken says nothing.
        var role: OrchestratorConfiguration.Role?
        for (token, allowed) in tokens where Self.isSame(given, Array(token.utf8)) { role = allowed }
        guard let role else {
            throw Problem(
                .unauthorized, "the token is not known",
                headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\""])
        }
        if role < needed {
            throw Problem(.forbidden, "the token allows to \(role.rawValue), not to \(needed.rawValue)")
        }
    }

    private static func isSame(_ given: [UInt8], _ token: [UInt8]) -> Bool {
        var difference = given.count ^ token.count
        for place in token.indices {
            difference |= Int(token[place] ^ (place < given.count ? given[place] : 0))
        }
        return difference == 0
    }
}
