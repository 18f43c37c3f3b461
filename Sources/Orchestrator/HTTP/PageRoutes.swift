internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The dashboard and the description of the interface: files that are part of the program.
struct PageRoutes: Sendable {
    private let files: [String: ByteBuffer]
    private let openAPI: ByteBuffer

    /// Nothing from elsewhere, nothing inline.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The description names the configured partitions where one is asked for.
    init(partitions: [String]) {
        files = Assets.dashboard.mapValues { ByteBuffer(bytes: $0) }
        openAPI = ByteBuffer(string: Assets.openAPI(partitions: partitions))
    }

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/", [(.get, index)])
        router.endpoint("/dashboard/{file}", [(.get, file)])
        router.endpoint("/openapi.yaml", [(.get, description)])
    }

    @Sendable private func index(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        try page("index.html")
    }

    @Sendable private func file(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        try page(try Request.part("file", context))
    }

    private func page(_ name: String) throws -> Response {
        guard let bytes = files[name] else { throw Problem(.notFound, "there is no such file") }
        let type =
            if name.hasSuffix(".html") {
                "text/html; charset=utf-8"
            } else if name.hasSuffix(".css") {
                "text/css; charset=utf-8"
            } else {
                "text/javascript; charset=utf-8"
            }
        return Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy,
                .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: bytes))
    }

    @Sendable private func description(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        Response(
            status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: openAPI))
    }
}
