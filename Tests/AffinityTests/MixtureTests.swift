import Contracts
import Foundation
import Testing

@testable import Affinity

/// 2 to the power of -1 / `halfLife`.
func halving(_ halfLife: Double) -> Double { exp2(-1 / halfLife) }

@Suite struct MixtureTests {
    /// Visits of one customer in one window that is long enough; the place changes at every 60th.
    private func switching(_ count: Int, seed: UInt64) -> [Visit] {
        var chance = Chance(seed: seed)
        return (0..<count).map { i in
            let isAway = Int.random(in: 0..<10, using: &chance) == 0
            let place = isAway ? Int.random(in: 0..<6, using: &chance) : (i / 60) % 3 * 2
            let time = EventTime(i) * 7 * hour
            let access = Access(time: time, partition: PartitionIndex(place), bytes: 0, idHash: UInt64(i))
            return Visit(customer: "ann", access: access)
        }
    }

    private func oneWindow() -> AffinityConfiguration {
        var configuration = AffinityConfiguration()
        configuration.windowMillis = 31 * day
        configuration.hoursMax = 4_096
        configuration.transitionsMax = 4_096
        configuration.contextsMax = 4_096
        return configuration
    }

    @Test(arguments: [20, 21] as [UInt64])
    func predictionsAreThoseOfTheReference(seed: UInt64) throws {
        let bench = Bench(oneWindow(), partitions: 6)
        var reference = Reference(partitions: 6)
        for visit in switching(100, seed: seed) {
            if bench.engine.counters.accesses > 0 {
                let prediction = try #require(bench.prediction())
                for (a, b) in zip(prediction.next, reference.mixture()) { #expect(abs(a - b) < 1e-4) }
                #expect(abs(prediction.share.reduce(0, +) - 1) < 1e-4)
            }
            bench.apply(visit)
            reference.learn(Int(visit.access.partition), at: visit.access.time)
        }
    }

    @Test(arguments: [22, 23] as [UInt64])
    func theMixtureKeepsItsRegretBoundAgainstEachExpert(seed: UInt64) throws {
        let bench = Bench(oneWindow(), partitions: 6)
        var reference = Reference(partitions: 6)
        var loss = 0.0
        var losses = [Double](repeating: 0, count: 13)
        let visits = switching(100, seed: seed)
        for visit in visits {
            let partition = Int(visit.access.partition)
            if bench.engine.counters.accesses > 0 {
                loss -= log(try #require(bench.prediction()).next[partition])
                for (i, expert) in reference.experts().enumerated() { losses[i] -= log(expert[partition]) }
            }
            bench.apply(visit)
            reference.learn(partition, at: visit.access.time)
        }
        let steps = Double(visits.count - 1)
        for expert in losses { #expect(loss <= expert + log(13) - (steps - 1) * log(1 - 0.02) + 1e-3) }
        #expect(loss < losses.reduce(0, max) / 2)
    }

    @Test(arguments: [24, 25] as [UInt64])
    func fixedShareFollowsTheBestSequenceOfExperts(seed: UInt64) {
        var chance = Chance(seed: seed)
        var prior = SIMD16<Float>(repeating: 0.05)
        prior[0] = 0.3
        prior[15] = 0
        var weights = prior
        var loss = 0.0
        var best = 0.0
        let steps = 900
        for step in 0..<steps {
            let expert = step / 300 * 3 + 1  // 1, 4, 7: two changes
            var p = SIMD16<Float>()
            for i in 0..<16 { p[i] = Float.random(in: 0.01...0.3, using: &chance) }
            p[expert] = Float.random(in: 0.5...1, using: &chance)
            loss -= Double(log((weights * p).sum()))
            best -= Double(log(p[expert]))
            weights = FixedShare.next(weights, p, share: 0.02, prior: prior)
            #expect(abs(weights.sum() - 1) < 1e-4)
        }
        let start = -log(Double(prior[1]))
        let changes = [4, 7].reduce(0) { $0 - log(0.02 * Double(prior[$1])) }
        let staying = -Double(steps - 3) * log(1 - 0.02)
        #expect(loss <= best + start + changes + staying + 1e-2)
    }

    @Test func slowWeightsMoveLessThanFastOnes() {
        let even = SIMD8<Float>(repeating: 0.125)
        let p = SIMD8<Float>(0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
        let fast = FixedShare.slow(even, p, halvings: 0, share: 0.005, prior: even)
        let slow = FixedShare.slow(even, p, halvings: 2, share: 0.005, prior: even)
        #expect(fast[0] > slow[0])
        #expect(slow[0] > 0.125)
    }

    @Test func newCustomersStartFromTheWeightsThatServeTheOthers() throws {
        let bench = Bench(partitions: 4)
        var chance = Chance(seed: 26)
        // No access has to do with home or the last one: only counts are right.
        for i in 0..<4_000 {
            bench.visit(
                "c\(i % 40)", at: Int64(i) * 100_000, PartitionIndex.random(in: 0..<4, using: &chance))
        }
        bench.visit("ann", at: 4_000 * 100_000, 1)
        #expect(try #require(bench.prediction()).next[1] < 0.6)
        let loyal = Bench(partitions: 4)
        for i in 0..<4_000 { loyal.visit("c\(i % 40)", at: Int64(i) * 100_000, PartitionIndex(i % 4)) }
        loyal.visit("ann", at: 4_000 * 100_000, 1)
        #expect(try #require(loyal.prediction()).next[1] > 0.8)
    }
}
