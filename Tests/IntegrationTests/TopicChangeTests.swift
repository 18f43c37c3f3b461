import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Testing

/// Topics that change under a running process: it ends with a code and a message of its own.
@Suite(.serialized) struct TopicChangeTests {
    static let inputs = [
        TopicName.interactions, TopicName.customers, TopicName.affinityVectors, TopicName.partitionTrends,
        TopicName.partitionTelemetry, TopicName.shadowOrders,
    ]

    @Test(arguments: inputs) func `more topic partitions end the process with their old and new number`(
        topic: String
    ) async throws {
        let fixture = try PipelineProcesses()
        let log = fixture.file("log")
        let process = try fixture.start("a", more: "  topicCheckMilliseconds: 200", log: log)
        defer { process.crash() }
        let input = try workload(seed: 8, events: 200, partitions: PipelineProcesses.regions)
        try await fixture.publish(input.flatMap { $0 })
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 10 } }
        let (client, logger, name) = (fixture.client, fixture.logger, fixture.prefix + topic)
        try await DedicatedThread.run(named: "enlarge") {
            try Admin(client, logger: logger).addTopicPartitions(to: name, count: 5)
        }
        #expect(await Self.status(of: process) == 6)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("'\(name)' had"), "\(text.suffix(500))")
        #expect(text.contains("has 5 now"))
        #expect(text.contains("replay --into"))
    }

    @Test func `a topic that is deleted and created again ends the process, and the next one`() async throws {
        let fixture = try PipelineProcesses()
        let log = fixture.file("log")
        let process = try fixture.start("a", more: "  topicCheckMilliseconds: 200", log: log)
        defer { process.crash() }
        let input = try workload(seed: 9, events: 200, partitions: PipelineProcesses.regions)
        try await fixture.publish(input.flatMap { $0 })
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 10 } }
        let (client, logger) = (fixture.client, fixture.logger)
        let name = fixture.prefix + TopicName.interactions
        try await DedicatedThread.run(named: "replace") {
            let admin = try Admin(client, logger: logger)
            try admin.deleteTopic(name)
            try admin.createTopic(name, topicPartitions: PipelineProcesses.topicPartitions, replicas: 1)
        }
        try await fixture.publish(input.flatMap { $0.prefix(20) })
        #expect(await Self.status(of: process) == 6)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("is another log than the one read so far"), "\(text.suffix(500))")
        let next = try fixture.start("a")
        defer { next.crash() }
        #expect(await Self.status(of: next) == 6)
    }

    /// What a process ended with; nil if it has not within a minute.
    static func status(of process: Process) async -> Int32? {
        for _ in 0..<600 {
            if !process.isRunning { return process.terminationStatus }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }
}

/// Ending by a signal, whatever the process is busy with.
@Suite(.serialized) struct SignalTests {
    @Test(
        .enabled(if: PipelineProcesses.realBrokers == nil, "a real cluster cannot be slowed down"),
        arguments: [(SIGTERM, 0), (SIGTERM, 1_000), (SIGTERM, 3_000), (SIGHUP, 1_000), (SIGINT, 1_000)])
    func `a process that is told to end while it joins its groups ends cleanly`(
        signal: Int32, afterMilliseconds: Int
    )
        async throws
    {
        let fixture = try PipelineProcesses()
        // As long as Apache Kafka waits for further members of an empty group.
        try fixture.embedded?.inject(Fault("delay 3000 on JoinGroup times all"))
        let statusFile = fixture.file("status")
        let process = try fixture.start("a", statusFile: statusFile)
        defer { process.crash() }
        // It writes the file once it handles signals.
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: statusFile.path) {
            try await Task.sleep(for: .milliseconds(100))
        }
        try await Task.sleep(for: .milliseconds(afterMilliseconds))
        kill(process.processIdentifier, signal)
        #expect(await TopicChangeTests.status(of: process) == 0)
        #expect(process.terminationReason == .exit)
    }
}
