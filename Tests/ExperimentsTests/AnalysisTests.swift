import Contracts
import Foundation
import Testing

@testable import Experiments

/// The fold: what is used, what is counted apart, and that the order of records does not matter.
@Suite struct AnalysisTests {
    private enum Record {
        case exposure(UInt64, Int)
        case outcome(UInt64, Outcome)
    }

    /// Records of customers of both variants, by their real assignment.
    private func records(_ experiment: Experiment, customers: Int, seed: UInt64) throws -> [Record] {
        var lottery = Lottery(seed: seed)
        let assignment = try Assignment(experiment)
        return customerHashes(customers).flatMap { hash -> [Record] in
            let variant = assignment.place(of: hash, cell: 0, at: 0).variant
            let count = Int(lottery.uniform() * 6)
            let outcomes = (0..<count).map { _ in
                Record.outcome(
                    hash,
                    Outcome(
                        variant: variant, time: 0, latencyMicros: Int64(lottery.uniform() * 50_000),
                        isError: lottery.uniform() < 0.1, isRemote: lottery.uniform() < 0.3))
            }
            return [.exposure(hash, variant)] + outcomes
        }
    }

    private func fold(_ records: [Record], _ experiment: Experiment) throws -> ExperimentAnalysis {
        var analysis = try ExperimentAnalysis(experiment)
        for record in records {
            switch record {
            case .exposure(let hash, let variant):
                _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
            case .outcome(let hash, let outcome): _ = analysis.record(outcome, hash: hash)
            }
        }
        return analysis
    }

    @Test func `the order of records does not matter, also of outcomes before their exposure`() throws {
        let experiment = latencyExperiment("order")
        let inOrder = try records(experiment, customers: 1_000, seed: 21)
        var lottery = Lottery(seed: 22)
        let first = try fold(inOrder, experiment)
        let second = try fold(inOrder.shuffled(using: &lottery), experiment)
        #expect(first.open[0].arms == second.open[0].arms)
        #expect(first.lnEvidence(of: 1) == second.lnEvidence(of: 1))
        #expect(first.apart == OutcomesApart())
        #expect(second.apart == OutcomesApart())
    }

    @Test func `mean and variance are those of clusters`() throws {
        let experiment = latencyExperiment("clusters")
        let all = try records(experiment, customers: 800, seed: 23)
        let analysis = try fold(all, experiment)
        for variant in 0..<2 {
            var units: [UInt64: [Double]] = [:]
            for case .outcome(let hash, let outcome) in all where outcome.variant == variant {
                units[hash, default: []].append(Double(outcome.latencyMicros))
            }
            let total = Double(units.values.reduce(0) { $0 + $1.count })
            let mean = units.values.reduce(0) { $0 + $1.reduce(0, +) } / total
            let squares = units.values.reduce(0) { sum, values in
                sum + pow(values.reduce(0) { $0 + $1 - mean }, 2)
            }
            let count = Double(units.count)
            let variance = count / (count - 1) * squares / (total * total)
            let found = try #require(analysis.open[0].arms[variant].estimate(.latency))
            #expect(abs(found.mean / mean - 1) < 1e-12)
            #expect(abs(found.variance(unit: found.unitVariance) / variance - 1) < 1e-9)
        }
    }

    @Test func `an outcome without an exposure waits, and is not used`() throws {
        var analysis = try ExperimentAnalysis(latencyExperiment("waiting"))
        withBytes("c-1") { customer in
            let variant = analysis.assignment.variant(of: customer, at: 5)
            let outcome = Outcome(variant: variant, time: 5, latencyMicros: 100)
            #expect(analysis.record(outcome, of: customer) == .waiting)
            #expect(analysis.record(outcome, of: customer) == .waiting)
            #expect(analysis.apart.unexposed == 2)
            #expect(analysis.report().variants.allSatisfy { $0.outcomes == 0 })
            #expect(analysis.expose(customer: customer, variant: variant, time: 5) == .used)
            #expect(analysis.apart.unexposed == 0)
            #expect(analysis.report().variants[variant].outcomes == 2)
            #expect(analysis.expose(customer: customer, variant: variant, time: 6) == .repeated)
            #expect(analysis.report().variants[variant].exposed == 1)
        }
    }

    @Test func `a variant that is not the one assigned is counted apart`() throws {
        var analysis = try ExperimentAnalysis(latencyExperiment("disagreeing"))
        withBytes("c-1") { customer in
            let other = 1 - analysis.assignment.variant(of: customer, at: 5)
            #expect(analysis.expose(customer: customer, variant: other, time: 5) == .disagreeing)
            for variant in [other, 2, -1] {
                let outcome = Outcome(variant: variant, time: 5, latencyMicros: 100)
                #expect(analysis.record(outcome, of: customer) == .disagreeing)
            }
            #expect(analysis.apart.disagreeing == 3)
            #expect(analysis.apart.exposuresDisagreeing == 1)
            #expect(analysis.report().variants.allSatisfy { $0.outcomes == 0 && $0.exposed == 0 })
        }
    }

    @Test func `a customer that is forgotten leaves sums and no row`() throws {
        var analysis = try ExperimentAnalysis(latencyExperiment("forgotten"), unitsMax: 100)
        for number in 0..<300 {
            withBytes("c-\(number)") { customer in
                let variant = analysis.assignment.variant(of: customer, at: 0)
                #expect(analysis.expose(customer: customer, variant: variant, time: 0) == .used)
                let outcome = Outcome(variant: variant, time: 0, latencyMicros: 5)
                #expect(analysis.record(outcome, of: customer) == .used)
            }
            // With 100 rows there is room for all 300, as those before are gone.
            if number >= 60 { withBytes("c-\(number - 60)") { analysis.forget(customer: $0) } }
        }
        #expect(analysis.report().variants.reduce(0) { $0 + $1.outcomes } == 300)
        withBytes("c-0") { customer in
            let variant = analysis.assignment.variant(of: customer, at: 0)
            let outcome = Outcome(variant: variant, time: 0, latencyMicros: 5)
            #expect(analysis.record(outcome, of: customer) == .waiting)
        }
        withBytes("c-299") { customer in
            let variant = analysis.assignment.variant(of: customer, at: 0)
            #expect(analysis.expose(customer: customer, variant: variant, time: 0) == .repeated)
        }
    }

    @Test func `a table from which units are taken holds the others`() {
        var lottery = Lottery(seed: 25)
        var table = UnitTable()
        var expected: [UInt64: UInt32] = [:]
        for _ in 0..<20_000 {
            // Few different low bits: long runs.
            let hash = lottery.next() & 0x3f << 20 | lottery.next() & 7
            if lottery.uniform() < 0.4 {
                table.remove(hash)
                expected[hash] = nil
            } else {
                let before = table.add(hash, latency: 1, isError: false, isRemote: false, limit: 1_000)
                #expect(before?.outcomes == expected[hash, default: 0])
                expected[hash, default: 0] += 1
            }
            #expect(table.count == expected.count, "seed 25")
        }
    }

    @Test func `beyond the limit of units records are counted, and known units go on`() throws {
        var analysis = try ExperimentAnalysis(latencyExperiment("limit"), unitsMax: 100)
        let hashes = customerHashes(150)
        for hash in hashes {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
        }
        #expect(analysis.report().variants.reduce(0) { $0 + $1.exposed } == 100)
        #expect(analysis.apart.overLimit == 50)
        for (hash, use) in [(hashes[0], RecordUse.used), (hashes[149], .overLimit)] {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            let outcome = Outcome(variant: variant, time: 0, latencyMicros: 1)
            #expect(analysis.record(outcome, hash: hash) == use)
        }
    }

    @Test func `latencies beyond the limit count as the limit, negative ones as 0`() throws {
        var experiment = latencyExperiment("latencies")
        experiment.latencyLimitMicros = 1_000
        var analysis = try ExperimentAnalysis(experiment)
        let variant = analysis.assignment.place(of: 7, cell: 0, at: 0).variant
        _ = analysis.expose(hash: 7, variant: variant, cell: 0, time: 0)
        for micros in [Int64.max, -5, .min] {
            _ = analysis.record(Outcome(variant: variant, time: 0, latencyMicros: micros), hash: 7)
        }
        #expect(analysis.report().variants[variant].metrics[0].mean == 1_000 / 3.0)
    }

    @Test func `sums hold what the largest outcomes add up to`() throws {
        var arm = ArmSums()
        var unit = UnitRow(hash: 1)
        unit.outcomes = UnitRow.outcomesMax
        unit.latency = Int64(UnitRow.outcomesMax) * Experiment.latencyMax
        for _ in 0..<1_000 { arm.expose(unit) }
        let estimate = try #require(arm.estimate(.latency))
        #expect(estimate.mean == Double(Experiment.latencyMax))
        #expect(abs(arm.latency.squares.value / (1_000 * pow(Double(unit.latency), 2)) - 1) < 1e-12)
    }

    @Test
    func `there is no verdict before the minimum of units, and an interval without 0 is as much evidence`()
        throws
    {
        var experiment = latencyExperiment("minimum")
        experiment.minimumUnits = 50
        var analysis = try ExperimentAnalysis(experiment)
        var lottery = Lottery(seed: 24)
        var verdicts = 0
        for hash in customerHashes(2_000) {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
            let micros = Int64((variant == 1 ? 900 : 1_000) * (0.5 + lottery.uniform()))
            _ = analysis.record(Outcome(variant: variant, time: 0, latencyMicros: micros), hash: hash)
            let units = analysis.open[0].arms.map(\.units).min() ?? 0
            let comparison = analysis.comparison(of: 1, .latency)
            #expect((comparison != nil) == (units >= 50))
            guard let comparison, let evidence = analysis.lnEvidence(of: 1) else { continue }
            #expect(comparison.isBetter == (comparison.difference < 0 && evidence >= log(20)))
            #expect(comparison.p <= exp(-evidence) * 1.000_001)
            if comparison.isBetter { verdicts += 1 }
        }
        #expect(verdicts > 100)
        #expect(analysis.comparison(of: 0, .latency) == nil)
        #expect(analysis.comparison(of: 2, .latency) == nil)
    }
}
