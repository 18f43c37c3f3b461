import Contracts
import Testing

@testable import Workload

@Suite struct SimulatedDataPlaneTests {
    private func run(
        _ accesses: [(time: EventTime, partition: PartitionIndex)], partitions: Int = 2,
        options: DataPlaneOptions = DataPlaneOptions(seed: 1, window: 100)
    ) -> [Telemetry] {
        var plane = SimulatedDataPlane(partitions: partitions, options: options)
        var out: [Telemetry] = []
        for access in accesses {
            out += plane.observe(time: access.time, partition: access.partition, write: false)
        }
        return out + plane.finish()
    }

    @Test func everyWindowSpeaksForEveryPartition() {
        // A window's telemetry is of its last millisecond: its end is of the next window.
        let telemetry = run([(150, 0), (160, 1), (420, 1)], partitions: 3)
        #expect(telemetry.map(\.time) == [199, 199, 199, 299, 299, 299, 399, 399, 399, 499, 499, 499])
        #expect(telemetry.map(\.partition) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect(telemetry.map(\.reads) == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    }

    @Test func aWindowIsGivenWhenItCloses() {
        var plane = SimulatedDataPlane(partitions: 1, options: DataPlaneOptions(seed: 1, window: 100))
        #expect(plane.observe(time: 10, partition: 0, write: false).isEmpty)
        #expect(plane.observe(time: 99, partition: 0, write: true).isEmpty)
        let closed = plane.observe(time: 100, partition: 0, write: false)
        #expect(closed.map(\.reads) == [1])
        #expect(closed.map(\.writes) == [1])
        #expect(plane.observe(time: 50, partition: 0, write: false).isEmpty)
        #expect(plane.finish().map(\.reads) == [2], "a late access counts in the open window")
        #expect(plane.finish().isEmpty)
    }

    @Test func longGapsAreCut() {
        let telemetry = run([(0, 0), (100 * 5_000, 0)], partitions: 1)
        #expect(telemetry.count == 1_002)
        #expect(telemetry[0].time == 99)
        #expect(telemetry[1].time == 400_099)
        #expect(telemetry[1_001].time == 500_099)
    }

    @Test func theSameAccessesGiveTheSameTelemetry() {
        let accesses = (0..<5_000).map { (time: EventTime($0 * 3), partition: PartitionIndex($0 % 2)) }
        #expect(run(accesses) == run(accesses))
        #expect(run(accesses) != run(accesses, options: DataPlaneOptions(seed: 2, window: 100)))
    }

    @Test func latencyRisesWithLoad() {
        // A window of ten times the usual load after a hundred windows of it.
        var accesses = (0..<10_000).map { (time: EventTime($0), partition: PartitionIndex(0)) }
        accesses += (0..<1_000).map { (time: EventTime(10_000 + $0 / 10), partition: PartitionIndex(0)) }
        let telemetry = run(accesses, partitions: 1)
        #expect(telemetry.count == 101)
        #expect(telemetry[100].utilisationMilli > 1_000)
        #expect(telemetry[100].latencyP99Micros > 2 * telemetry[99].latencyP99Micros)
        #expect(telemetry.allSatisfy { $0.latencyP50Micros > 0 && $0.latencyP50Micros < $0.latencyP99Micros })
        #expect(telemetry.allSatisfy { $0.divergenceFound == 0 && $0.replicaLagMillis < 1_000 })
    }

    @Test func anOutageShowsInItsWindowsAndItsPartitionOnly() {
        let accesses = (0..<10_000).map { (time: EventTime($0 / 2), partition: PartitionIndex($0 % 2)) }
        var options = DataPlaneOptions(seed: 1, window: 100)
        options.outages = [DataPlaneOptions.Outage(partition: 1, from: 1_000, to: 2_000)]
        let good = run(accesses)
        let bad = run(accesses, options: options)
        for (one, other) in zip(good, bad) {
            let isHit = other.partition == 1 && other.time > 1_000 && other.time <= 2_000
            #expect((one != other) == isHit)
            guard isHit else { continue }
            #expect(other.errors > 10)
            #expect(other.errors <= other.reads + other.writes)
            #expect(other.latencyP99Micros > 5 * one.latencyP99Micros)
            #expect(other.replicaLagMillis > 10_000)
        }
    }
}
