internal import Contracts
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// What went wrong, as RFC 9457 says it.
struct Problem: Error, HTTPResponseError {
    /// The last part of the type's URI: what a program looks at.
    enum Kind: String, CaseIterable {
        case malformedRequest = "malformed-request"
        case unknownPartition = "unknown-partition"
        case unknownCustomer = "unknown-customer"
        case unknownShadow = "unknown-shadow"
        case unknownExperiment = "unknown-experiment"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case unsupportedMediaType = "unsupported-media-type"
        case tooLarge = "too-large"
        case unauthorized
        case forbidden
        case tooManyRequests = "too-many-requests"
        case conflict
        case notReady = "not-ready"
        case failure

        var status: HTTPResponse.Status {
            switch self {
            case .malformedRequest, .unknownPartition: .badRequest
            case .unknownCustomer, .unknownShadow, .unknownExperiment, .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .unsupportedMediaType: .unsupportedMediaType
            case .tooLarge: .contentTooLarge
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            case .tooManyRequests: .tooManyRequests
            case .conflict: .conflict
            case .notReady: .serviceUnavailable
            case .failure: .internalServerError
            }
        }
    }

    let kind: Kind
    let detail: String
    var headers: HTTPFields = [:]

    init(_ kind: Kind, _ detail: String, headers: HTTPFields = [:]) {
        self.kind = kind
        self.detail = detail
        self.headers = headers
    }

    var status: HTTPResponse.Status { kind.status }

    func response(from request: Request, context: some RequestContext) throws -> Response { response }

    var response: Response {
        var writer = JSONWriter()
        writer.literal("{\"type\":")
        writer.string("urn:foreshadow:problem:\(kind.rawValue)")
        writer.literal(",\"title\":")
        writer.string(status.reasonPhrase)
        writer.literal(",\"status\":")
        writer.integer(Int64(status.code))
        writer.literal(",\"detail\":")
        writer.string(detail)
        writer.literal("}")
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

/// Turns whatever a handler throws into a problem, and notes what was not foreseen.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as any HTTPResponseError {
            return Self.problem(error.status, request).response
        } catch let error as NIOTooManyBytesError {
            return Problem(.tooLarge, "the body is larger than \(error.maxBytes ?? 0) bytes").response
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("request failed: \(error)")
            return Problem(.failure, "the request failed; the log says why").response
        }
    }

    private static func problem(_ status: HTTPResponse.Status, _ request: Request) -> Problem {
        switch status {
        case .notFound: Problem(.notFound, "there is nothing at \(request.uri.path); see /openapi.yaml")
        case .contentTooLarge: Problem(.tooLarge, "the body is too large")
        case .unsupportedMediaType: Problem(.unsupportedMediaType, "application/json is needed")
        default: Problem(.malformedRequest, "the request cannot be understood")
        }
    }
}
