import Contracts
import ForeshadowRouting
import Foundation
import Kafka
import Testing

@testable import Orchestrator

@Suite struct LookupTests {
    @Test func `a look-up says where to read and write, and why`() async throws {
        let service = try ServiceFixture()
        service.vector("c 1/ü", home: "eu-west", share: ["us-east": 0.7, "eu-west": 0.3], high: ["us-east"])
        service.shadow("eu-west", "us-east", .ramping, readShareMilli: 1_000, dualWrite: true, epoch: 4)
        let answer = try await service.get("/v1/customers/c%201%2F%C3%BC/partition")
        #expect(answer.status == 200)
        let json = answer.json
        #expect(json["customer"] as? String == "c 1/ü")
        #expect(json["known"] as? Bool == true)
        #expect(json["partition"] as? String == "eu-west")
        #expect(json["readFrom"] as? String == "us-east")
        #expect(json["writeTo"] as? [String] == ["eu-west", "us-east"])
        #expect(json["stage"] as? String == "active")
        let shadow = json["shadow"] as? [String: Any]
        #expect(shadow?["name"] as? String == "eu-west>us-east")
        #expect(shadow?["phase"] as? String == "ramping")
        #expect(shadow?["reads"] as? Bool == true)
        let scores = json["scores"] as? [[String: Any]] ?? []
        #expect(scores.map { $0["partition"] as? String } == ["eu-west", "us-east"])
        #expect(scores.map { $0["score"] as? Double } == [0.65, 0.35])
        let terms = scores.first?["terms"] as? [String: Double]
        #expect(terms == ["home": 0.5, "affinity": 0.15])
    }

    @Test func `every decision has a name of its own`() async throws {
        let service = try ServiceFixture()
        service.vector("c", home: "eu-west", share: ["eu-west": 1])
        let ids = try await [
            service.get("/v1/customers/c/partition"), service.get("/v1/customers/c/partition"),
        ]
        .map { $0.json["id"] as? String ?? "" }
        #expect(ids[0] != ids[1])
        #expect(ids.allSatisfy { $0.hasPrefix("d-") })
    }

    @Test func `of a customer that is not known, the location decides, and without one nobody`() async throws
    {
        let service = try ServiceFixture()
        let unknown = try await service.get("/v1/customers/nobody/partition")
        #expect(unknown.status == 404)
        #expect(unknown.problem == "unknown-customer")
        let placed = try await service.get("/v1/customers/nobody/partition?home=ap%2Fsouth")
        #expect(placed.status == 200)
        #expect(placed.json["known"] as? Bool == false)
        #expect(placed.json["readFrom"] as? String == "ap/south")
        #expect(
            try await service.get("/v1/customers/nobody/partition?home=mars").problem == "unknown-partition")
        let endless = String(repeating: "x", count: 257)
        #expect(try await service.get("/v1/customers/\(endless)/partition?home=us-east").status == 404)
        #expect(try await service.get("/v1/customers/%FF/partition").problem == "malformed-request")
    }

    @Test func `a customer that is forgotten is gone, and a mark of progress forgets nobody`() async throws {
        let service = try ServiceFixture()
        service.vector("c", home: "eu-west", share: ["eu-west": 1])
        service.feed(0, key: "c", value: nil, headers: [.init(Mark.headerName, "idle")])
        #expect(try await service.get("/v1/customers/c/affinity").status == 200)
        service.feed(0, key: "c", value: nil)
        #expect(try await service.get("/v1/customers/c/affinity").problem == "unknown-customer")
    }

    @Test func `a batch answers for each in the order asked, and for whom nothing is known too`() async throws
    {
        let service = try ServiceFixture()
        service.vector("a", home: "us-east", share: ["us-east": 1])
        let answer = try await service.post("/v1/decisions", #"{"customers":["a","b","a"]}"#)
        let decisions = answer.json["decisions"] as? [[String: Any]] ?? []
        #expect(decisions.map { $0["customer"] as? String } == ["a", "b", "a"])
        #expect(decisions.map { $0["known"] as? Bool } == [true, false, true])
        #expect(decisions[0]["scores"] == nil)
        #expect(decisions[0]["readFrom"] as? String == "us-east")
    }

    @Test(arguments: [
        (#"{"customers":[]}"#, "1 to 3"), (#"{"customers":["a","b","c","d"]}"#, "1 to 3"),
        (#"{"customers":"a"}"#, "customers"), (#"{}"#, "customers is missing"), ("{", "not JSON"),
        (#"{"customers":["a"],"from":7}"#, "from"),
    ])
    func `a batch that cannot be used is refused with the reason`(body: String, reason: String) async throws {
        let service = try ServiceFixture { $0.batchMax = 3 }
        let answer = try await service.post("/v1/decisions", body)
        #expect(answer.status == 400)
        #expect(answer.problem == "malformed-request")
        #expect((answer.json["detail"] as? String)?.contains(reason) == true, "\(answer.text)")
    }

    @Test func `the vector is told in both horizons`() async throws {
        let service = try ServiceFixture()
        service.vector("c", home: "eu-west", share: ["us-east": 0.7, "ap/south": 0.3], high: ["us-east"])
        let json = try await service.get("/v1/customers/c/affinity").json
        #expect(json["share"] as? [String: Double] == ["us-east": 0.7, "ap/south": 0.3])
        #expect(json["next"] as? [String: Double] == ["us-east": 0.7, "ap/south": 0.3])
        #expect(json["high"] as? [String] == ["us-east"])
    }

    @Test func `what has never been current is stale`() async throws {
        let service = try ServiceFixture()
        service.vector("c", home: "eu-west", share: ["eu-west": 1])
        let json = try await service.get("/v1/customers/c/partition").json
        #expect(json["stale"] as? Bool == true)
        #expect(json["ageMillis"] is NSNull)
        let ready = try await service.get("/readyz")
        #expect(ready.status == 503)
        #expect(ready.problem == "not-ready")
        #expect(try await service.get("/livez").status == 200)
    }
}
