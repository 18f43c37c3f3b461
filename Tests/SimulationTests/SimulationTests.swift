import Kafka
import Simulation
import Testing

/// Seeded runs through crashes, pauses, rebalances, errors and clock jumps; each is checked against the fold of
/// its input log. `make test` plays thousands more with the `simulate` program, and `make simulate SEED=n` plays
/// one alone. On threads of their own, because a run never waits for anything.
@Suite(.serialized) struct SimulationTests {
    @Test func `whatever happens, outputs, offsets and snapshots are those of an undisturbed run`()
        async throws
    {
        let bad = try await DedicatedThread.run(named: "simulation") {
            (UInt64(100_000)..<100_150).filter { !Simulation(SimulationPlan(seed: $0)).run().isEmpty }
        }
        #expect(bad == [], "these seeds have violations")
    }

    @Test(arguments: PlantedBug.allCases)
    func `a planted bug is found`(bug: PlantedBug) async throws {
        let seeds = UInt64(0)..<200
        let found = try await DedicatedThread.run(named: "simulation") {
            seeds.first { !Simulation(SimulationPlan(seed: $0, bug: bug)).run().isEmpty }
        }
        #expect(found != nil, "\(bug) was not found in \(seeds)")
    }

    @Test func `a seed plays the same every time`() {
        let bug = PlantedBug.offsetsOutsideTransaction
        let runs = (0..<2).map { _ in
            (UInt64(0)..<8).map { Simulation(SimulationPlan(seed: $0, bug: bug)).run() }
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].contains { !$0.isEmpty })
    }
}
