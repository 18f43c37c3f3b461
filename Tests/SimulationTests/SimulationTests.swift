import Simulation
import Testing

/// Thousands of seeded runs through crashes, pauses, rebalances, errors and clock jumps; each is checked against
/// the fold of its input log. `make simulate SEED=n` plays one alone.
@Suite struct SimulationTests {
    @Test(arguments: 0..<20)
    func `whatever happens, outputs, offsets and snapshots are those of an undisturbed run`(batch: Int) {
        for seed in UInt64(batch * 100)..<UInt64(batch * 100 + 100) {
            let violations = Simulation(SimulationPlan(seed: seed)).run()
            #expect(violations == [], "seed \(seed)")
        }
    }

    @Test(arguments: PlantedBug.allCases)
    func `a planted bug is found`(bug: PlantedBug) {
        let seeds = UInt64(0)..<200
        let found = seeds.first { !Simulation(SimulationPlan(seed: $0, bug: bug)).run().isEmpty }
        #expect(found != nil, "\(bug) was not found in \(seeds)")
    }
}
