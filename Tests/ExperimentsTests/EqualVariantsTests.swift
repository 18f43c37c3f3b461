import Contracts
import Foundation
import Testing

@testable import Experiments

/// Variants that do the same are not taken for different, however often one looks.
@Suite struct EqualVariantsTests {
    /// The shares of experiments that ever called a verdict, and what is needed to repeat them.
    private struct Trial {
        var seed: UInt64
        var experiments: Int
        var looks = 1_000
        var outcomesPerLook = 4
        var customers = 1_500
        var sharesMilli: [Int64] = [500, 500]
        /// The effect planned for: the information then grows to about twice what a test of fixed size needs.
        var plannedEffect = 0.2
    }

    /// The share of experiments in which any variant's interval missed 0 at any look.
    private func falsePositives(_ trial: Trial) throws -> Double {
        var lottery = Lottery(seed: trial.seed)
        let latency = SkewedLatency(customers: 0.5, requests: 1, &lottery)
        let hashes = customerHashes(trial.customers)
        var found = 0
        for number in 0..<trial.experiments {
            var experiment = latencyExperiment(
                "equal \(trial.seed) \(number)", sharesMilli: trial.sharesMilli)
            experiment.plannedEffect = trial.plannedEffect
            if try isEverFound(experiment, trial, latency, hashes, &lottery) { found += 1 }
        }
        return Double(found) / Double(trial.experiments)
    }

    private func isEverFound(
        _ experiment: Experiment, _ trial: Trial, _ latency: SkewedLatency, _ hashes: [UInt64],
        _ lottery: inout Lottery
    ) throws -> Bool {
        var analysis = try ExperimentAnalysis(experiment)
        let threshold = log(Double(experiment.variants.count - 1) / experiment.alpha)
        let factors = hashes.map { _ in latency.customer(&lottery) }
        let variants = hashes.map { analysis.assignment.place(of: $0, cell: 0, at: 0).variant }
        var isExposed = hashes.map { _ in false }
        for _ in 0..<trial.looks {
            for _ in 0..<trial.outcomesPerLook {
                let customer = Int(lottery.next().multipliedFullWidth(by: UInt64(hashes.count)).high)
                if !isExposed[customer] {
                    isExposed[customer] = true
                    _ = analysis.expose(
                        hash: hashes[customer], variant: variants[customer], cell: 0, time: 0)
                }
                let outcome = Outcome(
                    variant: variants[customer], time: 0,
                    latencyMicros: latency.request(factors[customer], &lottery))
                _ = analysis.record(outcome, hash: hashes[customer])
            }
            for variant in experiment.variants.indices.dropFirst() {
                if let evidence = analysis.lnEvidence(of: variant), evidence >= threshold { return true }
            }
        }
        return false
    }

    @Test func `at most one in twenty of 10,000 experiments, looked at 1,000 times each, has a verdict`()
        throws
    {
        let trial = Trial(seed: 41, experiments: 10_000)
        let found = try falsePositives(trial)
        print("equal variants, \(trial): \(percent(found)) found different")
        #expect(found <= 0.05)
        // A test that never finds anything would pass the line above.
        #expect(found > 0.01)
    }

    @Test func `also if one variant has few customers`() throws {
        let trial = Trial(seed: 42, experiments: 1_500, sharesMilli: [900, 100])
        let found = try falsePositives(trial)
        print("equal variants, \(trial): \(percent(found)) found different")
        #expect(found <= 0.05)
    }

    @Test func `also over all of several variants`() throws {
        let trial = Trial(seed: 43, experiments: 1_500, sharesMilli: [250, 250, 250, 250])
        let found = try falsePositives(trial)
        print("equal variants, \(trial): \(percent(found)) found different")
        #expect(found <= 0.05)
    }

    @Test func `also if the information is far less than planned for`() throws {
        let trial = Trial(seed: 44, experiments: 1_500, plannedEffect: 0.05)
        let found = try falsePositives(trial)
        print("equal variants, \(trial): \(percent(found)) found different")
        #expect(found <= 0.05)
    }
}
