import Contracts
import Experiments
import ForeshadowRouting
import Foundation
import Routing
import Testing

@testable import Orchestrator

@Suite struct ExperimentTests {
    static let definition = #"""
        {"goal":"latency","variants":[{"name":"control","share":0.5},{"name":"near","share":0.5,"weights":{"proximity":0.3}}],
         "plannedEffect":0.2,"minimumUnits":20,"by":"ada","reason":"round trips should count"}
        """#

    /// Starts the experiment, and lets the service read its own record as it would from the topic.
    private func start(_ service: ServiceFixture, _ definition: String = definition) async throws {
        let answer = try await service.put("/v1/experiments/proximity", definition)
        #expect(answer.status == 202, "\(answer.text)")
        try deliver(service)
    }

    /// Takes what waits to be published to where it is read.
    private func deliver(_ service: ServiceFixture) throws {
        for record in service.parts.publisher.takeWaiting() {
            let number = try #require(
                service.parts.feed.topics(ServiceFixture.topics).firstIndex(of: record.topic))
            service.feed(number, key: String(decoding: record.key, as: UTF8.self), value: record.value)
        }
    }

    @Test func `an experiment that is started routes customers by its variants, each once exposed`()
        async throws
    {
        let service = try ServiceFixture()
        try await start(service)
        var counts: [String: Int] = [:]
        for number in 0..<400 {
            service.vector("c-\(number)", home: "eu-west", share: ["eu-west": 1])
            for _ in 0..<2 {
                let json = try await service.get("/v1/customers/c-\(number)/partition").json
                #expect(json["experiment"] as? String == "proximity")
                counts[json["variant"] as? String ?? "", default: 0] += 1
            }
        }
        #expect(Set(counts.keys) == ["control", "near"])
        #expect(counts.values.allSatisfy { (300...500).contains($0) })
        let waiting = service.parts.publisher.waitingCount
        #expect(waiting == 400, "one exposure a customer")
        try deliver(service)
        let report = try await service.get("/v1/experiments/proximity").json
        let exposed = (report["variants"] as? [[String: Any]])?.compactMap { $0["exposed"] as? Int } ?? []
        #expect(exposed.reduce(0, +) == 400)
        #expect((report["sampleRatio"] as? [String: Any])?["mismatch"] as? Bool == false)
    }

    @Test func `outcomes decide, a winner is proposed, and what is adopted routes everybody`() async throws {
        let service = try ServiceFixture()
        try await start(service)
        for number in 0..<600 {
            let customer = "c-\(number)"
            service.vector(customer, home: "eu-west", share: ["eu-west": 1])
            let decision = try await service.get("/v1/customers/\(customer)/partition").json
            let variant = decision["variant"] as? String ?? ""
            let latency = (variant == "near" ? 700 : 1_000) + number % 50
            let id = decision["id"] as? String ?? ""
            let outcome = #"""
                {"outcomes":[{"decision":"\#(id)","customer":"\#(customer)","experiment":"proximity","variant":"\#(variant)",
                "partition":"eu-west","latencyMicros":\#(latency)}]}
                """#
            #expect(try await service.post("/v1/outcomes", outcome).status == 202)
        }
        try deliver(service)
        let report = try await service.get("/v1/experiments/proximity").json
        let difference = (report["variants"] as? [[String: Any]])?[1]["difference"] as? [String: Double]
        #expect((difference?["high"] ?? 0) < 0, "\(report)")
        #expect((report["proposal"] as? [String: Any])?["name"] as? String == "near", "\(report)")

        let adoption = #"{"variant":"near","by":"ada","reason":"faster"}"#
        #expect(try await service.post("/v1/experiments/proximity/adopt", adoption).status == 202)
        try deliver(service)
        let json = try await service.get("/v1/customers/c-1/partition").json
        #expect(json["experiment"] is NSNull)
        let terms = (json["scores"] as? [[String: Any]])?.first?["terms"] as? [String: Double]
        #expect(terms?["proximity"] == 0.3, "everybody is routed by the adopted weights")
        #expect(try await service.post("/v1/experiments/proximity/adopt", adoption).problem == "conflict")
    }

    @Test func `one experiment runs at a time, and a name is used once`() async throws {
        let service = try ServiceFixture()
        try await start(service)
        #expect(try await service.put("/v1/experiments/other", Self.definition).problem == "conflict")
        #expect(try await service.put("/v1/experiments/proximity", Self.definition).problem == "conflict")
        let ending = #"{"by":"ada","reason":"enough"}"#
        // Before its record has come back, another is not let in either.
        let second = try ServiceFixture()
        #expect(try await second.put("/v1/experiments/a", Self.definition).status == 202)
        #expect(try await second.put("/v1/experiments/b", Self.definition).problem == "conflict")
        #expect(
            try await service.post("/v1/experiments/nothing/stop", ending).problem == "unknown-experiment")
        #expect(try await service.post("/v1/experiments/proximity/stop", ending).status == 202)
        try deliver(service)
        #expect(try await service.get("/v1/experiments/proximity").json["state"] as? String == "stopped")
        #expect(try await service.put("/v1/experiments/other", Self.definition).status == 202)
    }

    @Test func `an experiment of the configuration starts once, when nothing else runs`() async throws {
        let file = Data((#"{"name":"proximity","# + Self.definition.dropFirst()).utf8)
        let configured = try ConfiguredExperiment(file)
        let service = try ServiceFixture()
        service.parts.keeper.start(configured, now: 5)
        // Until its record has come back it is not started again.
        service.parts.keeper.start(configured, now: 6)
        #expect(service.parts.publisher.waitingCount == 1)
        try deliver(service)
        #expect(try await service.get("/v1/experiments/proximity").json["state"] as? String == "running")
        #expect(service.parts.book.record("proximity")?.startedAt == 5)
        let ending = #"{"by":"ada","reason":"enough"}"#
        #expect(try await service.post("/v1/experiments/proximity/stop", ending).status == 202)
        try deliver(service)
        service.parts.keeper.start(configured, now: 7)
        #expect(service.parts.publisher.waitingCount == 0, "there was one of its name")

        let busy = try ServiceFixture()
        #expect(try await busy.put("/v1/experiments/other", Self.definition).status == 202)
        try deliver(busy)
        busy.parts.keeper.start(configured, now: 8)
        #expect(busy.parts.publisher.waitingCount == 0, "another runs")
    }

    @Test(arguments: [
        ("{", "not JSON"), ("{}", "name is missing"), (#"{"name":"a"}"#, "goal is missing"),
        (#"{"name":"a","weight":1,"# + definition.dropFirst(), "weight is not known here"),
        (#"{"name":"a","# + definition.dropFirst().replacing("goal", with: "gaol"), "gaol is not known here"),
        (#"{"name":"a","# + definition.dropFirst().replacing("0.3", with: "-1"), "proximity"),
        (#"{"name":"a","# + definition.dropFirst().replacing("ada", with: ""), "by has 1 to 256 bytes"),
    ])
    func `a file that cannot be used says what is wrong`(file: String, what: String) throws {
        let error = #expect(throws: ConfiguredExperiment.Failure.self) {
            try ConfiguredExperiment(Data(file.utf8))
        }
        #expect(error?.description.contains(what) == true, "\(String(describing: error))")
    }

    @Test func `who may read may not start one`() async throws {
        let service = try ServiceFixture { $0.tokens = InterfaceTests.tokens }
        let path = "/v1/experiments/proximity"
        #expect(
            try await service.put(path, Self.definition, token: "reader-0123456789").problem == "forbidden")
        #expect(try await service.get("/v1/experiments", token: "reader-0123456789").status == 200)
    }

    @Test(arguments: [
        (#""goal":"latency""#, #""goal":"beauty""#, "no metric"),
        (#""share":0.5}"#, #""share":0.4}"#, "sum to 900"),
        (#""proximity":0.3"#, #""proximity":-1"#, "proximity"),
        (#""minimumUnits":20"#, #""minimumUnits":-5"#, "minimumUnits"),
        (#""minimumUnits":20"#, #""guards":[{"metric":"errors"}]"#, "exactly one"),
        (#""by":"ada","#, "", "by is missing"),
        (#""proximity":0.3"#, #""proximty":0.3"#, "variants[1].weights.proximty is not known"),
        (#""minimumUnits":20"#, #""adoptAutomatically":true"#, "adoptAutomatically is not known"),
        (#""share":0.5}"#, #""share":1.0004}"#, "share must be 0 to 1"),
        (#""minimumUnits":20"#, #""alpha":1e-9"#, "alpha"),
    ])
    func `a definition that cannot be used is refused with the reason`(
        part: String, replacement: String, reason: String
    ) async throws {
        let service = try ServiceFixture()
        let answer = try await service.put(
            "/v1/experiments/x", Self.definition.replacing(part, with: replacement))
        #expect(answer.status == 400)
        #expect((answer.json["detail"] as? String)?.contains(reason) == true, "\(answer.text)")
        #expect(service.parts.publisher.waitingCount == 0)
    }

    @Test func `of two instances that change an experiment at once, the first in the log counts`() throws {
        let book = ExperimentBook(ExperimentRegister(RoutingWeights()))
        var record = ExperimentRecord(
            name: "x", goal: "latency",
            variants: [.init(name: "a", share: 0.5), .init(name: "b", share: 0.5)],
            startedAt: 1, by: "a", reason: "r")
        #expect(try book.apply(record))
        record.epoch = 2
        record.state = .adopted
        record.adopted = "b"
        #expect(try book.apply(record))
        record.adopted = "a"
        #expect(try !book.apply(record))
        #expect(book.record("x")?.adopted == "b")
    }

    @Test func `exposures and outcomes that come before their experiment count once it is known`()
        async throws
    {
        let service = try ServiceFixture()
        let book = service.parts.book
        let name = "early"
        let exposure = RoutingExposure(experiment: name, customer: Array("c".utf8), variant: "a", time: 5)
        let other = RoutingExposure(experiment: name, customer: Array("c".utf8), variant: "b", time: 5)
        book.apply(exposure)
        book.apply(other)
        let record = ExperimentRecord(
            name: name, goal: "latency",
            variants: [.init(name: "a", share: 0.5), .init(name: "b", share: 0.5)],
            startedAt: 1, by: "a", reason: "r")
        try book.apply(record)
        let report = try #require(book.report(name)).report
        #expect(report.variants.map(\.exposed).reduce(0, +) == 1)
        #expect(report.apart.exposuresDisagreeing == 1, "the variant that was not assigned")
    }

    @Test func `a bandit's shares are decided a window ahead, once, and are what customers are routed by`()
        async throws
    {
        let service = try ServiceFixture()
        let definition = Self.definition.replacing(
            #""minimumUnits":20"#,
            with: #""minimumUnits":20,"bandit":{"controlShare":0.1,"windowMillis":60000}"#)
        try await start(service, definition)
        let now: EventTime = 1_767_605_400_000
        service.parts.tickExperiments(now: now)
        try deliver(service)
        let record = try #require(service.parts.book.record("proximity"))
        #expect(record.epoch == 2)
        #expect(record.decisions?.map(\.window) == [now / 60_000 + 1])
        service.parts.tickExperiments(now: now + 1_000)
        #expect(service.parts.publisher.waitingCount == 0, "the next window is decided")
        service.parts.tickExperiments(now: now + 60_000)
        try deliver(service)
        #expect(service.parts.book.record("proximity")?.decisions?.count == 2)
    }

    @Test func `a winner is adopted without a person where that is allowed`() async throws {
        let service = try ServiceFixture()
        let definition = Self.definition.replacing(
            #""minimumUnits":20"#, with: #""minimumUnits":20,"adoptsAutomatically":true"#)
        try await start(service, definition)
        let running = try #require(service.parts.book.register.current.running)
        for number in 0..<600 {
            let customer = "c-\(number)"
            let choice = running.choose(ByteHash.hash(customer.utf8Span.span.bytes), cell: nil, at: 5)
            let variant = running.variants[choice.variant]
            service.parts.book.apply(
                RoutingExposure(
                    experiment: "proximity", customer: Array(customer.utf8), variant: variant, time: 5))
            service.parts.book.apply(
                RoutingOutcome(
                    decision: "d", customer: Array(customer.utf8), experiment: "proximity", variant: variant,
                    partition: "eu-west", time: 5,
                    latencyMicros: Int64((variant == "near" ? 700 : 1_000) + number % 50)))
        }
        service.parts.tickExperiments(now: 10)
        try deliver(service)
        let record = try #require(service.parts.book.record("proximity"))
        #expect(record.state == .adopted && record.adopted == "near" && record.by == "foreshadow")
        #expect(service.parts.book.register.current.weights.proximity == 0.3)
    }
}
