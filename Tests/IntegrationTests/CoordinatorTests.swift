import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Streams
import Testing

/// The cluster answers, but the coordinator of the group or of the transactions does not, or not as one would like.
@Suite(
    .serialized, .enabled(if: PipelineProcesses.realBrokers == nil, "a real cluster cannot be told to fail"))
struct CoordinatorTests {
    /// What goes wrong in mid-stream, in the words of the embedded broker's faults, and for how long; nil: until it
    /// has happened as often as it says.
    struct Trouble: Sendable, CustomTestStringConvertible {
        var faults: [String]
        var seconds: Int?
        var testDescription: String { faults.joined(separator: ", ") }
    }

    static let troubles: [Trouble] = [
        // NOT_COORDINATOR: the group's coordinator is away for longer than the session.
        Trouble(
            faults: ["Heartbeat", "JoinGroup", "SyncGroup", "OffsetFetch", "TxnOffsetCommit"].map {
                "error 16 on \($0) times all"
            }, seconds: 4),
        // The same, of transactions.
        Trouble(
            faults: ["InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn"].map {
                "error 16 on \($0) times all"
            }, seconds: 4),
        // COORDINATOR_LOAD_IN_PROGRESS.
        Trouble(
            faults: ["error 14 on FindCoordinator times all", "error 14 on EndTxn times all"], seconds: 3),
        // INVALID_TXN_STATE.
        Trouble(faults: ["error 48 on EndTxn times 2"]),
        Trouble(faults: ["error 48 on AddPartitionsToTxn times 2"]),
        // INVALID_PRODUCER_EPOCH.
        Trouble(faults: ["error 47 on EndTxn times 2"]),
        Trouble(faults: ["error 47 on Produce times 2"]),
        // CONCURRENT_TRANSACTIONS.
        Trouble(
            faults: ["error 51 on AddPartitionsToTxn times 20", "error 51 on InitProducerId times 10"]),
        // UNKNOWN_MEMBER_ID: the group has expelled a member that believes itself one.
        Trouble(faults: ["error 25 on Heartbeat times 2"]),
        Trouble(faults: ["error 25 on TxnOffsetCommit times 2"]),
        // ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS.
        Trouble(faults: ["error 22 on TxnOffsetCommit times 2", "error 27 on Heartbeat times 2"]),
        Trouble(faults: ["lose-answer on EndTxn times 3", "lose-answer on TxnOffsetCommit times 2"]),
    ]

    @Test(arguments: troubles) func `it goes on once they answer`(trouble: Trouble) async throws {
        let fixture = try PipelineProcesses()
        let embedded = try #require(fixture.embedded)
        let input = try workload(seed: 7, events: 600, partitions: PipelineProcesses.regions)
        let expected = PureFold(input, telemetry: [], partitions: fixture.partitions)
        let process = try fixture.start("a")
        defer { process.crash() }
        try await fixture.publish(PipelineProcesses.part(0, of: 2, input))
        try await fixture.waitForVectors { vectors in vectors.allSatisfy { $0.count > 10 } }
        // Only to the pipeline: its clients are named so.
        for fault in trouble.faults { try embedded.inject(Fault("\(fault) client \(fixture.prefix)")) }
        try await fixture.publish(PipelineProcesses.part(1, of: 2, input))
        if let seconds = trouble.seconds {
            try await Task.sleep(for: .seconds(seconds))
            try embedded.clearFaults()
        }
        let vectors = try await fixture.waitForVectors { PipelineProcesses.all($0, expected) }
        #expect(vectors == expected.vectors)
        #expect(process.isRunning)
    }
}
