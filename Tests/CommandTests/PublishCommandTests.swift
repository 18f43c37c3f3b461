import ArgumentParser
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Testing

@testable import foreshadow

/// `foreshadow publish` on a cluster that goes away meanwhile.
@Suite struct PublishCommandTests {
    private static let events = 2_000
    private static let topic = "interactions"
    private static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    private let cluster: EmbeddedKafka
    private let file: URL

    init() throws {
        cluster = try EmbeddedKafka(logger: Self.quiet)
        try cluster.createTopic(Self.topic, topicPartitions: 1)
        file = FileManager.default.temporaryDirectory.appending(path: "publish-\(UUID().uuidString).csv")
        let rows = (0..<Self.events).map { "c-1,\(1_767_605_400_000 + $0),eu-west,\($0)" }
        try Data((["customer,time,region,id"] + rows).joined(separator: "\n").utf8).write(to: file)
    }

    /// Runs `foreshadow publish` at a pace that leaves time to disturb it.
    private func publish(_ arguments: String...) async throws {
        let all = [
            "publish", file.path, "--brokers", cluster.brokers, "-X", "reconnect.backoff.max.ms=200",
            "--rate",
            "500",
        ]
        guard var command = try Foreshadow.parseAsRoot(all + arguments) as? any AsyncParsableCommand else {
            throw CommandFailure.input("no command")
        }
        try await command.run()
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func end() async throws -> Int64 {
        let client = ClientConfiguration(brokers: cluster.brokers)
        return try await DedicatedThread.run(named: "test") {
            try Admin(client, logger: Self.quiet).watermarks(of: TopicPartition(Self.topic, 0)).upperBound
        }
    }

    /// The ids of the interactions in the topic, in their order.
    private func ids() async throws -> [Int] {
        let client = ClientConfiguration(brokers: cluster.brokers)
        return try await DedicatedThread.run(named: "test") {
            let reader = try TopicReader(client, topic: Self.topic, from: .beginning, logger: Self.quiet)
            var ids: [Int] = []
            while try reader.poll({ record in
                let value = try JSONSerialization.jsonObject(with: Data(record.value ?? []))
                ids.append(((value as? [String: Any])?["id"] as? String).flatMap { Int($0) } ?? -1)
            }) {}
            return ids
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `an outage delays it: every event comes once, in its order`() async throws {
        defer { try? FileManager.default.removeItem(at: file) }
        async let publishing: Void = publish()
        try await until { try await end() >= 200 }
        // What was taken and not told about is the hard case.
        try cluster.inject(Fault(.loseAnswer, on: "Produce"))
        try await until { try await end() >= 400 }
        try cluster.setOnline(false)
        try cluster.setOnline(true)
        try await publishing
        #expect(try await ids() == Array(0..<Self.events))
    }

    @Test(.timeLimit(.minutes(3)))
    func `when it gives up it says how to go on, and nothing is missing then`() async throws {
        defer { try? FileManager.default.removeItem(at: file) }
        let publishing = Task { try await publish("--give-up-after", "1") }
        try await until { try await end() >= 200 }
        try cluster.setOnline(false)
        let failure = await #expect(throws: CommandFailure.self) { try await publishing.value }
        #expect(failure?.exitCode == ExitCode(3))
        let text = failure?.description ?? ""
        let skip = try #require(text.firstMatch(of: /--skip (\d+) goes on/)?.output.1)
        let twice = try #require(text.firstMatch(of: /(\d+) of the events behind/)?.output.1)
        try cluster.setOnline(true)
        try await publish("--skip", String(skip))
        let ids = try await ids()
        let number = try #require(Int(skip))
        #expect(number >= 200 - 1 && number < Self.events)
        #expect(Array(ids.prefix(number)) == Array(0..<number))
        #expect(Array(ids.suffix(Self.events - number)) == Array(number..<Self.events))
        #expect(ids.count - Self.events <= Int(twice) ?? 0, "no more come twice than it said")
    }

    @Test func `an option that cannot be is refused`() {
        #expect(throws: (any Error).self) { try Foreshadow.parseAsRoot(["publish", "f", "--skip", "-1"]) }
        #expect(throws: (any Error).self) {
            try Foreshadow.parseAsRoot(["publish", "f", "--give-up-after", "0"])
        }
    }
}
