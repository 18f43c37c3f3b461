import Contracts
import ForeshadowRouting
import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Orchestrator

@Suite struct AlertTests {
    private static func alert(_ rule: String, _ state: AlertState, since: EventTime = 5) -> Alert {
        Alert(rule: rule, severity: .warning, state: state, since: since, what: "what", figures: [])
    }

    /// Answers with a status that can be changed, and keeps what it was sent.
    private final class Receiver: Sendable {
        let state = Mutex((status: 200, bodies: [String]()))
        let port = Mutex<Int?>(nil)

        func run(_ body: (String) async throws -> Void) async throws {
            let router = Router()
            router.post("/api/v2/alerts") { [self] request, _ -> HTTPResponse.Status in
                let text = String(buffer: try await request.body.collect(upTo: 1 << 20))
                return state.withLock {
                    $0.bodies.append(text)
                    return HTTPResponse.Status(code: $0.status)
                }
            }
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { [self] channel in port.withLock { $0 = channel.localAddress?.port } },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                while port.withLock({ $0 }) == nil { await Task.yield() }
                try await body("http://127.0.0.1:\(port.withLock { $0 } ?? 0)/api/v2/alerts")
                group.cancelAll()
            }
        }
    }

    @Test func `alerts reach the webhook when they change, and those that fire again and again`() async throws
    {
        let receiver = Receiver()
        try await receiver.run { url in
            let live = LiveState(try PartitionMap(["a"]))
            let webhook = try AlertWebhook(
                url: url, repeatSeconds: 3, live,
                Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            live.apply(Self.alert("lag:interactions", .firing))
            live.apply(Self.alert("bottleneck:a", .resolved))
            func sent() -> [String] { receiver.state.withLock { $0.bodies } }
            await webhook.step()
            #expect(sent().count == 1)
            #expect(sent().last?.contains("\"alertname\":\"lag\"") == true)
            #expect(
                sent().last?.contains("bottleneck") == false, "what ended before it was heard of is no news")
            await webhook.step()
            #expect(sent().count == 1)
            await webhook.step()
            #expect(sent().count == 2, "what fires is sent again")
            live.apply(Self.alert("lag:interactions", .resolved, since: 9))
            await webhook.step()
            #expect(sent().last?.contains("\"endsAt\"") == true)
            await webhook.step()
            #expect(sent().count == 3)
        }
    }

    @Test func `what the webhook refuses is sent again`() async throws {
        let receiver = Receiver()
        try await receiver.run { url in
            let live = LiveState(try PartitionMap(["a"]))
            let webhook = try AlertWebhook(
                url: url, repeatSeconds: 60, live,
                Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            live.apply(Self.alert("lag:interactions", .firing))
            receiver.state.withLock { $0.status = 500 }
            await webhook.step()
            receiver.state.withLock { $0.status = 200 }
            await webhook.step()
            await webhook.step()
            #expect(receiver.state.withLock { $0.bodies.count } == 2)
        }
    }

    @Test(arguments: ["", "alertmanager:9093", "ftp://a/b", "http://"])
    func `an address that is none is refused`(url: String) {
        #expect(throws: OutgoingRequest.Failure.malformedURL(url)) { try OutgoingRequest(url) }
    }

    @Test func `an experiment whose ratio is off raises an alert, and one that is over is resolved`() throws {
        let service = try ServiceFixture()
        let book = service.parts.book
        let record = ExperimentRecord(
            name: "x", goal: "latency",
            variants: [.init(name: "a", share: 0.5), .init(name: "b", share: 0.5)],
            startedAt: 1, by: "a", reason: "r")
        try book.apply(record)
        let running = try #require(book.register.current.running)
        // A router that loses every exposure of the second variant.
        for number in 0..<400 {
            let customer = "c-\(number)"
            let choice = running.choose(ByteHash.hash(customer.utf8Span.span.bytes), cell: nil, at: 5)
            if choice.variant == 0 {
                book.apply(
                    RoutingExposure(experiment: "x", customer: Array(customer.utf8), variant: "a", time: 5))
            }
        }
        for minute in 1...4 { service.parts.tickAlerts(now: EventTime(minute) * 60_000) }
        let published = service.parts.publisher.takeWaiting()
        let alerts = try published.map { try Alert(decoding: $0.value.span.bytes) }
        #expect(alerts.map(\.rule) == ["ratio-mismatch:x"])
        #expect(alerts.first?.state == .firing)
        // Another process takes over: to it, the alert is one that nobody confirms.
        let next = try ServiceFixture()
        for alert in alerts { next.alert(alert) }
        for minute in 10...20 { next.parts.tickAlerts(now: EventTime(minute) * 60_000) }
        let ends = try next.parts.publisher.takeWaiting().map { try Alert(decoding: $0.value.span.bytes) }
        #expect(Set(ends.map(\.rule)) == ["ratio-mismatch:x"])
        #expect(ends.allSatisfy { $0.state == .resolved })
    }
}
