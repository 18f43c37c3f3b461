import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Streams
import Testing

/// Real processes that are killed, join, leave, and lose their cluster.
@Suite(.serialized) struct CrashTests {
    static let real = PipelineProcesses.realBrokers != nil
    /// How many runs with crashes: one, or as FORESHADOW_TEST_CRASH_RUNS says.
    static let runs =
        ProcessInfo.processInfo.environment["FORESHADOW_TEST_CRASH_RUNS"].flatMap(UInt64.init) ?? 1

    @Test(arguments: Array(1...max(1, runs)))
    func `processes that are killed in mid-stream commit the very bytes of an undisturbed run`(seed: UInt64)
        async throws
    {
        let out = try await runWithCrashes(seed: seed, .exactlyOnce, crashes: 4)
        for (vectors, expected) in zip(out.vectors, out.expected.vectors) {
            let difference = difference(vectors, expected)
            #expect(difference == nil, "seed \(seed)")
        }
        #expect(out.commands == out.expected.commands, "seed \(seed)")
    }

    @Test(arguments: [UInt64(2)])
    func `at least once, nothing is lost, and sequences tell what came twice`(seed: UInt64) async throws {
        let out = try await runWithCrashes(seed: seed, .atLeastOnce, crashes: 2)
        for (vectors, expected) in zip(out.vectors, out.expected.vectors) {
            let difference = difference(try newest(vectors), expected)
            #expect(difference == nil, "seed \(seed)")
        }
    }

    @Test func `a process that joins takes its share, and one that leaves gives it back`() async throws {
        let fixture = try PipelineProcesses()
        let input = try workload(seed: 3, events: 600, partitions: PipelineProcesses.regions)
        let expected = PureFold(input, telemetry: [], partitions: fixture.partitions)
        let first = try fixture.start("a", guarantee: .exactlyOnce)
        defer { first.crash() }
        try await fixture.publish(PipelineProcesses.part(0, of: 3, input))
        let second = try fixture.start("b", guarantee: .exactlyOnce)
        try await fixture.publish(PipelineProcesses.part(1, of: 3, input))
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 20 } }
        second.terminate()
        second.waitUntilExit()
        #expect(second.terminationReason == .exit)
        #expect(second.terminationStatus == 0)
        try await fixture.publish(PipelineProcesses.part(2, of: 3, input))
        let vectors = try await fixture.waitForVectors { try all($0, expected) }
        for (vectors, expected) in zip(vectors, expected.vectors) {
            let difference = difference(vectors, expected)
            #expect(difference == nil)
        }
    }

    @Test(.enabled(if: !real, "a real cluster cannot be switched off from here"))
    func `a broker that goes away and comes back costs nothing but time`() async throws {
        let fixture = try PipelineProcesses()
        let input = try workload(seed: 4, events: 600, partitions: PipelineProcesses.regions)
        let expected = PureFold(input, telemetry: [], partitions: fixture.partitions)
        let process = try fixture.start("a", guarantee: .exactlyOnce)
        defer { process.crash() }
        try await fixture.publish(PipelineProcesses.part(0, of: 2, input))
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 10 } }
        try fixture.embedded?.setOnline(false)
        try await Task.sleep(for: .seconds(2))
        try fixture.embedded?.setOnline(true)
        try await fixture.publish(PipelineProcesses.part(1, of: 2, input))
        let vectors = try await fixture.waitForVectors { try all($0, expected) }
        #expect(process.isRunning)
        for (vectors, expected) in zip(vectors, expected.vectors) {
            let difference = difference(vectors, expected)
            #expect(difference == nil)
        }
    }

    @Test(.enabled(if: !real, "a real cluster cannot be killed from here"))
    func `a broker that is killed in mid-stream has all that counts when it is back`() async throws {
        let broker = try BrokerProcess(topics: ["unused:1"])
        let fixture = try PipelineProcesses(brokers: broker.brokers)
        let input = try workload(seed: 5, events: 1_200, partitions: PipelineProcesses.regions)
        let expected = PureFold(input, telemetry: [], partitions: fixture.partitions)
        let process = try fixture.start("a", guarantee: .exactlyOnce)
        defer { process.crash() }
        for round in 0..<4 {
            let before = try await fixture.read(TopicName.affinityVectors, partitions: 2).map(\.count)
            try await fixture.publish(PipelineProcesses.part(round, of: 4, input))
            if round == 3 { break }
            try await fixture.waitForVectors { vectors in
                zip(vectors, before).contains { $0.count > $1 }
            }
            try broker.crashAndRestart()
        }
        let vectors = try await fixture.waitForVectors { try all($0, expected) }
        #expect(vectors == expected.vectors)
    }

    // MARK: How it is done

    private struct Outcome {
        var vectors: [[[UInt8]]]
        var commands: [[UInt8]]
        var expected: PureFold
    }

    /// Two processes; one is killed each time some more has come out, and another takes its name.
    private func runWithCrashes(
        seed: UInt64, _ guarantee: StreamConfiguration.Guarantee, crashes: Int
    ) async throws -> Outcome {
        let fixture = try PipelineProcesses()
        let input = try workload(seed: seed, events: 1_200, partitions: PipelineProcesses.regions)
        let idle = StoredRecord(
            place: TopicPartition(TopicName.partitionTelemetry, 0), offset: 0, key: nil, value: nil,
            headers: [Header(Mark.headerName, Mark.idle.text)])
        let expected = PureFold(input, telemetry: [idle], partitions: fixture.partitions)
        try await fixture.publish([idle])
        var processes = [
            try fixture.start("a", guarantee: guarantee), try fixture.start("b", guarantee: guarantee),
        ]
        defer { for process in processes { process.crash() } }
        for round in 0...crashes {
            let part = PipelineProcesses.part(round, of: crashes + 1, input)
            let before = try await fixture.read(TopicName.affinityVectors, partitions: 2).map(\.count)
            try await fixture.publish(part)
            if round == crashes { break }
            // In mid-stream: some of the part has come out, most of it has not.
            try await fixture.waitForVectors { vectors in
                zip(vectors, before).contains { $0.count > $1 }
            }
            processes[round % 2].crash()
            processes[round % 2] = try fixture.start(round % 2 == 0 ? "a" : "b", guarantee: guarantee)
        }
        let vectors = try await fixture.waitForVectors { try all($0, expected) }
        var commands: [[UInt8]] = []
        for _ in 0..<300 where commands.count < expected.commands.count {
            commands = try await fixture.read(TopicName.partitionCommands, partitions: 1)[0].compactMap(
                \.value)
            try await Task.sleep(for: .milliseconds(100))
        }
        return Outcome(vectors: vectors, commands: commands, expected: expected)
    }

    private func all(_ vectors: [[[UInt8]]], _ expected: PureFold) throws -> Bool {
        try zip(vectors, expected.vectors).allSatisfy { try newest($0).count >= $1.count }
    }

    /// The first difference, in words.
    private func difference(_ vectors: [[UInt8]], _ expected: [[UInt8]]) -> String? {
        for i in 0..<max(vectors.count, expected.count) {
            let (a, e) = (vectors.dropFirst(i).first, expected.dropFirst(i).first)
            if a == e { continue }
            func text(_ bytes: [UInt8]?) -> String {
                bytes.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
            }
            return "number \(i) of \(vectors.count) is \(text(a)), not \(text(e)) as it should be"
        }
        return nil
    }

    /// What a consumer makes of vectors that may come twice: those whose sequence it has seen do not count.
    private func newest(_ vectors: [[UInt8]]) throws -> [[UInt8]] {
        var seen: [String: UInt64] = [:]
        return try vectors.filter { bytes in
            let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            let customer = try #require(object?["customer"] as? String)
            let sequence = try #require((object?["sequence"] as? NSNumber)?.uint64Value)
            if sequence <= seen[customer] ?? 0 { return false }
            seen[customer] = sequence
            return true
        }
    }
}
