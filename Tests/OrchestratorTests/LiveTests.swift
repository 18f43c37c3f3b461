import Contracts
import ForeshadowRouting
import Foundation
import NIOCore
import Testing

@testable import Orchestrator

@Suite struct LiveTests {
    @Test func `the overview shows partitions, shadows, the matrix and alerts`() async throws {
        let service = try ServiceFixture()
        service.vector("a", home: "eu-west", share: ["us-east": 0.6, "eu-west": 0.4])
        service.vector("b", home: "eu-west", share: ["us-east": 0.2, "eu-west": 0.8])
        service.telemetry("us-east", utilisationMilli: 610, time: 10)
        service.shadow("eu-west", "us-east", .ramping, readShareMilli: 250, dualWrite: true, epoch: 3)
        service.alert(
            Alert(
                rule: "lag:interactions", severity: .warning, state: .firing, since: 5, what: "behind",
                figures: []))
        let json = try await service.get("/v1/overview").json
        #expect(json["customers"] as? Int == 2)
        let matrix = json["matrix"] as? [String: Any]
        #expect((matrix?["mass"] as? [[Double]])?.first == [0.6, 0.4, 0])
        let partitions = json["partitions"] as? [[String: Any]] ?? []
        #expect(partitions.map { $0["customers"] as? Int } == [2, 0, 0])
        #expect(partitions[1]["utilisation"] as? Double == 0.61)
        #expect(partitions[0]["utilisation"] is NSNull)
        #expect((json["shadows"] as? [[String: Any]])?.first?["readShare"] as? Double == 0.25)
        #expect((json["alerts"] as? [[String: Any]])?.first?["what"] as? String == "behind")
        let shadow = try await service.get("/v1/shadows/eu-west%3Eus-east")
        #expect(shadow.json["phase"] as? String == "ramping")
        #expect(try await service.get("/v1/shadows/nothing").problem == "unknown-shadow")
    }

    @Test func `trends are summed over the sources, each by its newest record, the busiest flow first`()
        async throws
    {
        let service = try ServiceFixture()
        func trend(_ source: Int32, end: EventTime, _ flows: [Flow]) {
            let record = TrendRecord(
                source: source, sources: 2, windowStart: end - 10, windowEnd: end, completeThrough: end,
                idle: false,
                flows: flows)
            var writer = JSONWriter()
            record.encode(names: service.names, into: &writer)
            service.feed(8, key: "\(source)", value: writer.bytes)
        }
        func flow(_ partition: PartitionIndex, customers: Int64, accesses: Int64) -> Flow {
            Flow(
                home: 0, partition: partition, customers: customers, highCustomers: 1, anticipatedVolume: 10,
                anticipatedAccesses: accesses, accesses: 3)
        }
        trend(0, end: 20, [flow(1, customers: 5, accesses: 1_500), flow(2, customers: 5, accesses: 100)])
        trend(1, end: 20, [flow(1, customers: 7, accesses: 500)])
        trend(0, end: 10, [flow(1, customers: 1, accesses: 1)])
        let json = try await service.get("/v1/trends").json
        let flows = json["flows"] as? [[String: Any]] ?? []
        #expect(flows.map { $0["partition"] as? String } == ["us-east", "ap/south"])
        #expect(flows.map { $0["customers"] as? Int } == [12, 5])
        #expect(flows.first?["anticipatedAccesses"] as? Double == 2)
        #expect((json["window"] as? [String: Int])?["end"] == 20)
        let some = try await service.get("/v1/trends?partition=ap%2Fsouth").json["flows"] as? [[String: Any]]
        #expect(some?.count == 1)
        #expect(try await service.get("/v1/trends?home=mars").problem == "unknown-partition")
    }

    @Test func `a forecast is shown as the newest record has it`() async throws {
        let service = try ServiceFixture()
        for (end, expected) in [(20, 180), (10, 90)] {
            let forecast = PartitionForecast(
                home: 0, partition: 1, windowStart: EventTime(end) - 10, windowEnd: EventTime(end),
                measuredMilli: 80, expectedMilli: Int64(expected), thresholdMilli: 100,
                expectedThresholdMilli: 150, leadWindows: 3)
            var writer = JSONWriter()
            forecast.encode(names: service.names, into: &writer)
            service.feed(9, key: "k", value: writer.bytes)
        }
        let forecasts = try await service.get("/v1/forecasts").json["forecasts"] as? [[String: Any]]
        #expect(forecasts?.map { $0["expected"] as? Double } == [0.18])
    }

    @Test func `commands and alerts reach everybody who listens, as server-sent events`() async throws {
        let service = try ServiceFixture()
        let stream = try #require(service.parts.hub.listen())
        service.shadow("eu-west", "us-east", .populated, epoch: 1)
        service.shadow("eu-west", "us-east", .populated, epoch: 1)
        service.alert(
            Alert(rule: "r", severity: .info, state: .resolved, since: 5, what: "over", figures: []))
        service.parts.hub.close()
        var texts: [String] = []
        for await buffer in stream { texts.append(String(buffer: buffer)) }
        #expect(texts.count == 2, "the command that came twice is told once")
        #expect(texts.first?.hasPrefix("event: command\ndata: {") == true)
        #expect(texts.last?.hasPrefix("event: alert\ndata: {\"rule\":\"r\"") == true)
        #expect(texts.allSatisfy { $0.hasSuffix("\n\n") && $0.split(separator: "\n").count == 2 })
    }

    @Test func `a listener that does not take its events loses the oldest, and too many are not let in`()
        async throws
    {
        let hub = EventHub(listenersMax: 1, buffered: 2)
        let stream = try #require(hub.listen())
        #expect(hub.listen() == nil)
        for number in 1...5 { hub.send("decision", Array("\(number)".utf8)) }
        hub.close()
        var texts: [String] = []
        for await buffer in stream { texts.append(String(buffer: buffer)) }
        #expect(texts == ["event: decision\ndata: 4\n\n", "event: decision\ndata: 5\n\n"])
    }

    @Test func `some decisions are shown, and never whose`() async throws {
        let service = try ServiceFixture { $0.decisionEventsPerSecond = 2 }
        service.vector("secret-customer", home: "eu-west", share: ["eu-west": 1])
        let stream = try #require(service.parts.hub.listen())
        service.parts.sampler.refill()
        for _ in 0..<5 { _ = try await service.get("/v1/customers/secret-customer/partition") }
        service.parts.hub.close()
        var texts: [String] = []
        for await buffer in stream { texts.append(String(buffer: buffer)) }
        #expect(texts.count == 2)
        #expect(texts.allSatisfy { $0.contains("\"readFrom\":\"eu-west\"") && !$0.contains("secret") })
    }

    @Test func `the metrics are what the catalogue declares, and name no customer`() async throws {
        let service = try ServiceFixture()
        service.vector("secret-customer", home: "eu-west", share: ["eu-west": 1])
        service.telemetry("us-east", utilisationMilli: 610, time: 10)
        _ = try await service.get("/v1/customers/secret-customer/partition")
        _ = try await service.get("/v1/customers/nobody/partition")
        let text = try await service.get("/metrics").text
        #expect(text.contains("foreshadow_lookups_total{partition=\"eu-west\"} 1\n"))
        #expect(text.contains("foreshadow_lookup_failures_total{reason=\"unknown-customer\"} 1\n"))
        #expect(text.contains("foreshadow_partition_utilisation_ratio{partition=\"us-east\"} 0.61\n"))
        #expect(!text.contains("secret"))
        let open = try await service.get("/metrics", accept: "application/openmetrics-text")
        #expect(open.text.hasSuffix("# EOF\n"))
    }

    @Test func `a reader stalls while it is behind and does not move`() {
        var history = StallHistory()
        let start = ContinuousClock.now
        func seconds(_ lag: Int64, end: Int64, at second: Int) -> Double {
            history.seconds(behind: lag, end: end, now: start + .seconds(second))
        }
        #expect(seconds(0, end: 10, at: 0) == 0)
        #expect(seconds(0, end: 10, at: 100) == 0, "there is nothing to do")
        #expect(seconds(5, end: 15, at: 110) == 10)
        #expect(seconds(25, end: 35, at: 170) == 70, "more comes, and nothing is committed")
        #expect(seconds(24, end: 35, at: 171) == 0)
    }

    @Test func `how far behind a reader is in time is told by when the end stood where it is`() {
        var history = EndHistory()
        let start = ContinuousClock.now
        for second in 0...10 { history.add(Int64(second) * 100, at: start + .seconds(second)) }
        #expect(history.perSecond == 100)
        #expect(history.seconds(behind: 0, now: start + .seconds(10)) == 0)
        #expect(history.seconds(behind: 250, now: start + .seconds(10)) == 3)
        #expect(history.seconds(behind: 5_000, now: start + .seconds(10)) == 10)
    }
}
