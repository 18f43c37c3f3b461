import Contracts
import Foundation
import Testing

@testable import Experiments

/// What is there is found, sooner on average than by a test of fixed size.
@Suite struct PlannedEffectTests {
    private static let requestsPerCustomer = 2
    /// After so many times the fixed size an experiment ends without a verdict.
    private static let sizesMax = 8

    private struct Found {
        /// Customers until the verdict, or until the end.
        var customers: [Int]
        /// How many verdicts were for the wrong side.
        var wrong: Int
        var fixedSize: Int

        func mean(cap: Int) -> Double {
            Double(customers.reduce(0) { $0 + min($1, cap * fixedSize) }) / Double(customers.count)
        }

        func share(by sizes: Int) -> Double {
            Double(customers.count { $0 <= sizes * fixedSize }) / Double(customers.count)
        }
    }

    /// Experiments until they have a verdict; a look after every four customers.
    private func run(seed: UInt64, experiments: Int, effect: Double) throws -> Found {
        var lottery = Lottery(seed: seed)
        let latency = SkewedLatency(customers: 0.3, requests: 0.5, &lottery)
        let sigma = latency.deviation(requests: Self.requestsPerCustomer)
        // A two-sided test at 0.05 with a power of 0.8 needs (sigma_0^2 + sigma_1^2) (1.960 + 0.842)^2 / effect^2
        // customers a variant; with the mean, the deviation falls to 0.95 of it.
        let variances = sigma * sigma * (1 + 0.95 * 0.95)
        let perVariant = variances * pow(1.959_964 + 0.841_621, 2) / (0.05 * 0.05)
        let fixedSize = 2 * Int(perVariant.rounded(.up))
        let hashes = customerHashes(Self.sizesMax * fixedSize)
        var found = Found(customers: [], wrong: 0, fixedSize: fixedSize)
        for number in 0..<experiments {
            let experiment = latencyExperiment("effect \(seed) \(number)")
            let end = try verdict(experiment, effect: effect, latency, hashes, &lottery)
            found.customers.append(end.customers)
            if end.isWrong { found.wrong += 1 }
        }
        print(
            "effect \(percent(effect)), seed \(seed), \(experiments) experiments, sigma of a customer's mean "
                + "\(String(format: "%.3f", sigma)) of the mean, fixed size \(fixedSize) customers: mean "
                + (1...Self.sizesMax).filter { [2, 3, 8].contains($0) }.map {
                    String(
                        format: "%.0f (%.3f of fixed) if ended at %d sizes", found.mean(cap: $0),
                        found.mean(cap: $0) / Double(fixedSize), $0)
                }.joined(separator: ", ")
                + "; found by 1, 2, 3 sizes: "
                + (1...3).map { percent(found.share(by: $0)) }.joined(separator: ", ")
                + "; wrong side \(found.wrong)")
        return found
    }

    private func verdict(
        _ experiment: Experiment, effect: Double, _ latency: SkewedLatency, _ hashes: [UInt64],
        _ lottery: inout Lottery
    ) throws -> (customers: Int, isWrong: Bool) {
        var analysis = try ExperimentAnalysis(experiment)
        let threshold = log(1 / experiment.alpha)
        for (number, hash) in hashes.enumerated() {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
            let factor = latency.customer(&lottery)
            for _ in 0..<Self.requestsPerCustomer {
                let micros = latency.request(factor, effect: variant == 1 ? 1 - effect : 1, &lottery)
                _ = analysis.record(
                    Outcome(variant: variant, time: 0, latencyMicros: micros), hash: hash)
            }
            if number % 4 == 3, let evidence = analysis.lnEvidence(of: 1), evidence >= threshold {
                return (number + 1, analysis.comparison(of: 1, .latency)?.isBetter != true)
            }
        }
        return (hashes.count + 1, false)
    }

    @Test
    func `an effect of 5 % takes fewer customers on average than a fixed size, and is found more often`()
        throws
    {
        let found = try run(seed: 51, experiments: 6_000, effect: 0.05)
        #expect(found.mean(cap: Self.sizesMax) < Double(found.fixedSize))
        // With twice the fixed size at hand, it needs fewer still and has more power than the 0.8 planned for.
        #expect(found.mean(cap: 2) < 0.93 * Double(found.fixedSize))
        #expect(found.share(by: 2) > 0.88)
        #expect(found.share(by: 3) > 0.95)
        #expect(Double(found.wrong) < 0.005 * 6_000)
    }

    @Test func `twice the effect takes less than half of that`() throws {
        let found = try run(seed: 52, experiments: 1_000, effect: 0.1)
        #expect(found.mean(cap: Self.sizesMax) < 0.45 * Double(found.fixedSize))
        #expect(found.share(by: 1) > 0.98)
    }

    @Test func `half the effect is found too, in time`() throws {
        let found = try run(seed: 53, experiments: 300, effect: 0.025)
        #expect(found.share(by: Self.sizesMax) > 0.5)
    }
}
