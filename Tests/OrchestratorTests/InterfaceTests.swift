import Contracts
import ForeshadowRouting
import Foundation
import HTTPTypes
import Testing

@testable import Orchestrator

@Suite struct InterfaceTests {
    static let tokens: [String: OrchestratorConfiguration.Role] = [
        "reader-0123456789": .read, "operator-0123456789": .operate,
    ]

    @Test func `a path or method that is not there is a problem that says so`() async throws {
        let service = try ServiceFixture()
        #expect(try await service.get("/nowhere").problem == "not-found")
        let answer = try await service.ask(.delete, "/v1/decisions", nil)
        #expect(answer.problem == "method-not-allowed")
        #expect(answer.headers[.allow] == "POST")
    }

    @Test func `what answers GET answers HEAD, and an unusual method is refused as any other`() async throws {
        let service = try ServiceFixture()
        let head = try await service.ask(.head, "/livez", nil)
        #expect(head.status == 200)
        let query = try await service.ask(try #require(HTTPRequest.Method("QUERY")), "/livez", nil)
        #expect(query.problem == "method-not-allowed")
        #expect(query.headers[.allow] == "GET, HEAD")
    }

    @Test(arguments: ["application/jsonp", "text/json", "application/json-patch+json"])
    func `what is called otherwise is not taken for JSON`(type: String) async throws {
        let service = try ServiceFixture()
        #expect(try await service.post("/v1/decisions", "{}", type: type).problem == "unsupported-media-type")
    }

    @Test(arguments: [
        ("[]", "the body: an object is needed"), (#"{"customers":[1]}"#, "customers[0]: a string is needed"),
        (#"{"customers":["a"],"scores":3}"#, "scores: true or false is needed"),
    ])
    func `what is wrong with a body is said in words, with its place`(body: String, detail: String)
        async throws
    {
        let service = try ServiceFixture()
        #expect(try await service.post("/v1/decisions", body).json["detail"] as? String == detail)
    }

    @Test func `a limit of rates does not keep a scheduler from asking for health`() async throws {
        let service = try ServiceFixture { $0.clientRateMax = 1 }
        for _ in 0..<3 { #expect(try await service.get("/livez").status == 200) }
        _ = try await service.get("/v1/alerts")
        #expect(try await service.get("/v1/alerts").status == 429)
    }

    @Test func `with tokens, a role is needed for whatever is asked, but for health and the page`()
        async throws
    {
        let service = try ServiceFixture { $0.tokens = Self.tokens }
        service.vector("c", home: "eu-west", share: ["eu-west": 1])
        let path = "/v1/customers/c/partition"
        let none = try await service.get(path)
        #expect(none.status == 401)
        #expect(none.headers[.wwwAuthenticate] == "Bearer")
        #expect(try await service.get(path, token: "reader-0123456788").status == 401)
        #expect(try await service.get(path, token: "reader-012345678").status == 401)
        #expect(try await service.get(path, token: "reader-0123456789").status == 200)
        let outcome =
            #"{"outcomes":[{"decision":"d","customer":"c","partition":"eu-west","latencyMicros":1}]}"#
        #expect(
            try await service.post("/v1/outcomes", outcome, token: "reader-0123456789").problem == "forbidden"
        )
        #expect(
            try await service.post("/v1/outcomes", outcome, token: "operator-0123456789").status == 202)
        #expect(try await service.get("/livez").status == 200)
        #expect(try await service.get("/").status == 200)
    }

    @Test func `reports are taken while the cluster is away, up to the limit, all of one or none`()
        async throws
    {
        let service = try ServiceFixture { $0.publishQueueMax = 3 }
        let one = #"{"decision":"d","customer":"c","partition":"eu-west","latencyMicros":1}"#
        #expect(try await service.post("/v1/outcomes", #"{"outcomes":[\#(one),\#(one)]}"#).status == 202)
        let full = try await service.post("/v1/outcomes", #"{"outcomes":[\#(one),\#(one)]}"#)
        #expect(full.status == 429)
        #expect(full.headers[.retryAfter] == "5")
        #expect(service.parts.publisher.waitingCount == 2)
    }

    @Test(arguments: [
        (#"{"decision":"","customer":"c","partition":"eu-west","latencyMicros":1}"#, "malformed-request"),
        (#"{"decision":"d","customer":"","partition":"eu-west","latencyMicros":1}"#, "malformed-request"),
        (#"{"decision":"d","customer":"c","partition":"mars","latencyMicros":1}"#, "unknown-partition"),
        (#"{"decision":"d","customer":"c","partition":"eu-west","latencyMicros":-1}"#, "malformed-request"),
        (#"{"decision":"d","customer":"c","partition":"eu-west"}"#, "malformed-request"),
    ])
    func `an outcome that cannot be used is refused, and all with it`(outcome: String, problem: String)
        async throws
    {
        let service = try ServiceFixture()
        let answer = try await service.post("/v1/outcomes", #"{"outcomes":[\#(outcome)]}"#)
        #expect(answer.problem == problem)
        #expect(service.parts.publisher.waitingCount == 0)
    }

    @Test func `an outcome is published as the contract says`() async throws {
        let service = try ServiceFixture()
        _ = try await service.post(
            "/v1/outcomes",
            #"{"outcomes":[{"decision":"d-1","customer":"c","variant":"near","partition":"eu-west","time":5,"latencyMicros":7,"error":true}]}"#
        )
        let record = service.parts.publisher.firstWaiting
        #expect(record?.topic == TopicName.routingOutcomes)
        #expect(record.map { String(decoding: $0.key, as: UTF8.self) } == "c")
        #expect(
            record.map { String(decoding: $0.value, as: UTF8.self) }
                == #"{"decision":"d-1","customer":"c","variant":"near","partition":"eu-west","time":5,"latencyMicros":7,"error":true,"remote":false}"#
        )
    }

    @Test func `an order about a shadow is published; about none, refused`() async throws {
        let service = try ServiceFixture()
        service.shadow("eu-west", "us-east", .populated, epoch: 1)
        let order = #"{"order":"pause","by":"ada","reason":"maintenance"}"#
        let answer = try await service.post("/v1/shadows/eu-west%3Eus-east/orders", order)
        #expect(answer.status == 202)
        let value = service.parts.publisher.firstWaiting?.value ?? []
        let published = try ShadowOrder(decoding: value.span.bytes, partitions: service.partitions)
        #expect(published.kind == .pause && published.by == "ada")
        #expect(try await service.post("/v1/shadows/a%3Eb/orders", order).problem == "unknown-shadow")
        let wrong = #"{"order":"explode","by":"ada","reason":"x"}"#
        #expect(
            try await service.post("/v1/shadows/eu-west%3Eus-east/orders", wrong).problem
                == "malformed-request")
    }

    @Test func `a body that is too large, or no JSON by its own word, is refused`() async throws {
        let service = try ServiceFixture { $0.bodyBytesMax = 100 }
        let large = #"{"customers":["\#(String(repeating: "x", count: 200))"]}"#
        #expect(try await service.post("/v1/decisions", large).problem == "too-large")
        #expect(
            try await service.post("/v1/decisions", "{}", type: "text/plain").problem
                == "unsupported-media-type")
    }

    @Test func `an address that asks too often waits`() {
        let limit = RateMiddleware<OrchestratorContext>(rate: 2, clientsMax: 2)
        let start = ContinuousClock.now
        #expect([0, 0, 0].map { limit.admits("a", now: start + .seconds($0)) } == [true, true, false])
        #expect(limit.admits("b", now: start))
        #expect(limit.admits("a", now: start + .milliseconds(600)))
        #expect(!limit.admits("c", now: start + .milliseconds(600)), "as many as are watched are there")
        #expect(limit.admits("c", now: start + .seconds(2)))
    }

    @Test func `a configuration that opens the service to others without tokens is refused`() throws {
        var configuration = OrchestratorConfiguration()
        try configuration.validate()
        configuration.host = "0.0.0.0"
        #expect(throws: OrchestratorConfiguration.Failure.open("0.0.0.0")) { try configuration.validate() }
        configuration.tokens = Self.tokens
        try configuration.validate()
        configuration.tokens = ["short": .read]
        #expect(throws: OrchestratorConfiguration.Failure.shortToken) { try configuration.validate() }
        configuration = OrchestratorConfiguration()
        configuration.certificate = "cert.pem"
        #expect(throws: OrchestratorConfiguration.Failure.halfTLS) { try configuration.validate() }
    }
}
