import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Streams
import Testing

/// Outages shorter and longer than the session time-out. Two processes go on by themselves, and commit the very bytes
/// of an undisturbed run.
@Suite(.serialized) struct OutageTests {
    /// An outage: of what kind, for how long, and with which librdkafka.
    struct Outage: Sendable, CustomTestStringConvertible {
        enum Kind: String, CaseIterable, Sendable {
            /// The broker's process is killed and started again.
            case killed
            /// It is told to end, and started again.
            case ended
            /// It answers nobody, and goes on.
            case frozen
        }

        var kind: Kind
        var seconds: Int
        var isOtherLibrary = false

        var testDescription: String {
            "\(kind) for \(seconds) s, \(isOtherLibrary ? "other" : "system's") librdkafka"
        }
    }

    /// Apache Kafka's shortest session by default.
    private static let sessionMilliseconds = 6_000

    static let outages = [
        Outage(kind: .killed, seconds: 1), Outage(kind: .ended, seconds: 5),
        Outage(kind: .frozen, seconds: 10),
        Outage(kind: .killed, seconds: 10), Outage(kind: .killed, seconds: 30),
    ]

    @Test(arguments: outages) func `the pipeline goes on by itself, and nothing is lost or twice`(
        outage: Outage
    ) async throws {
        try await run(outage, library: nil)
    }

    @Test(
        .enabled(
            if: PipelineProcesses.otherLibrary != nil, "FORESHADOW_TEST_LIBRDKAFKA names no other librdkafka"),
        arguments: outages)
    func `so it does with another librdkafka`(outage: Outage) async throws {
        var outage = outage
        outage.isOtherLibrary = true
        try await run(outage, library: PipelineProcesses.otherLibrary)
    }

    private func run(_ outage: Outage, library: String?) async throws {
        let broker = try OutageBroker()
        let fixture = try PipelineProcesses(brokers: broker.brokers)
        let input = try workload(seed: 6, events: 1_500, partitions: PipelineProcesses.regions)
        let expected = PureFold(input, telemetry: [], partitions: fixture.partitions)
        let processes = try ["a", "b"].map {
            try fixture.start($0, sessionMilliseconds: Self.sessionMilliseconds, library: library)
        }
        defer { for process in processes { process.crash() } }
        try await fixture.publish(PipelineProcesses.part(0, of: 3, input))
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 10 } }
        // In mid-stream: most of this part has not come out yet.
        try await fixture.publish(PipelineProcesses.part(1, of: 3, input))
        try broker.goDown(outage.kind)
        try await Task.sleep(for: .seconds(outage.seconds))
        try broker.comeBack(outage.kind)
        try await fixture.publish(PipelineProcesses.part(2, of: 3, input))
        let vectors = try await fixture.waitForVectors { PipelineProcesses.all($0, expected) }
        #expect(vectors == expected.vectors)
        for process in processes {
            process.terminate()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 0)
        }
    }
}

/// The broker that goes away: an embedded one in a process of its own, or a real one that commands stop and start.
private final class OutageBroker {
    private static let environment = ProcessInfo.processInfo.environment
    private static let commands = (
        stop: environment["FORESHADOW_TEST_BROKER_STOP"], start: environment["FORESHADOW_TEST_BROKER_START"]
    )

    private let embedded: BrokerProcess?
    let brokers: String

    init() throws {
        if let real = PipelineProcesses.realBrokers, Self.commands.stop != nil, Self.commands.start != nil {
            embedded = nil
            brokers = real
        } else {
            let broker = try BrokerProcess(topics: ["unused:1"])
            embedded = broker
            brokers = broker.brokers
        }
    }

    func goDown(_ kind: OutageTests.Outage.Kind) throws {
        guard let embedded else { return try Self.command(Self.commands.stop) }
        switch kind {
        case .killed: embedded.crash()
        case .ended: _ = embedded.terminate()
        case .frozen: embedded.freeze(true)
        }
    }

    func comeBack(_ kind: OutageTests.Outage.Kind) throws {
        guard let embedded else { return try Self.command(Self.commands.start) }
        switch kind {
        case .killed, .ended: try embedded.start()
        case .frozen: embedded.freeze(false)
        }
    }

    private static func command(_ text: String?) throws {
        guard let text else { return }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", text]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0, "'\(text)' failed")
    }
}
