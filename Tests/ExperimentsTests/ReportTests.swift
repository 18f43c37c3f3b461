import Contracts
import Foundation
import Testing

@testable import Experiments

/// What a dashboard is told, and when something is proposed.
@Suite struct ReportTests {
    /// What a request under a variant is like.
    private struct Behaviour {
        var latency = 20_000.0
        var errors = 0.01
        var remote = 0.2
        /// The part of its exposures that arrives.
        var arriving = 1.0
    }

    private func analysis(
        _ experiment: Experiment, _ behaviours: [Behaviour], customers: Int = 6_000, seed: UInt64
    ) throws -> ExperimentAnalysis {
        var analysis = try ExperimentAnalysis(experiment)
        var lottery = Lottery(seed: seed)
        let skew = SkewedLatency(customers: 0.2, requests: 0.4, &lottery)
        for hash in customerHashes(customers) {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            let behaviour = behaviours[variant]
            if lottery.uniform() >= behaviour.arriving { continue }
            _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
            let factor = skew.customer(&lottery)
            for _ in 0..<3 {
                let outcome = Outcome(
                    variant: variant, time: 0,
                    latencyMicros: skew.request(
                        factor, effect: behaviour.latency / SkewedLatency.base, &lottery),
                    isError: lottery.uniform() < behaviour.errors,
                    isRemote: lottery.uniform() < behaviour.remote)
                _ = analysis.record(outcome, hash: hash)
            }
        }
        return analysis
    }

    private let faster = Behaviour(latency: 18_500)

    @Test func `a variant that is faster is proposed, with the figures that say so`() throws {
        var experiment = latencyExperiment("faster")
        experiment.guards = [GuardMetric(.errors, .relative(milli: 200))]
        let report = try analysis(experiment, [Behaviour(), faster], seed: 71).report()
        let proposal = try #require(report.proposal)
        print("seed 71: \(proposal.reason)")
        #expect(proposal.variant == 1)
        #expect(proposal.name == "v1")
        let comparison = try #require(report.variants[1].metrics[0].comparison)
        #expect(comparison.lower < -1_500 && -1_500 < comparison.upper && comparison.upper < 0)
        #expect(comparison.p < 0.05)
        #expect(comparison.evidence > 20)
        #expect(
            proposal.reason.hasPrefix(
                "latency of v1 is \(ProposalText.percent(-comparison.relative(comparison.difference))) lower")
        )
        #expect(proposal.reason.contains("over 6000 customers with 18000 outcomes"))
        #expect(proposal.reason.hasSuffix("no guard is breached"))
        #expect(report.variants[0].metrics.allSatisfy { $0.comparison == nil && $0.mean != nil })
        #expect(report.variants.reduce(0) { $0 + $1.exposed } == 6_000)
        #expect(report.variants.map(\.shareMilli) == [500, 500])
        #expect(!report.sampleRatio.isMismatch)
        #expect(!report.adoptsAutomatically)
    }

    @Test func `equal variants are not proposed`() throws {
        let report = try analysis(latencyExperiment("equal"), [Behaviour(), Behaviour()], seed: 72).report()
        #expect(report.proposal == nil)
        #expect(report.variants[1].metrics.allSatisfy { $0.comparison != nil })
    }

    @Test func `the control is proposed if all others are slower`() throws {
        let slower = Behaviour(latency: 22_000)
        let experiment = latencyExperiment("slower", sharesMilli: [400, 300, 300])
        let all = try analysis(experiment, [Behaviour(), slower, slower], seed: 73).report()
        #expect(all.proposal?.variant == 0)
        #expect(all.proposal?.reason.contains("higher than of control") == true)
        let one = try analysis(experiment, [Behaviour(), slower, Behaviour()], seed: 74).report()
        #expect(one.proposal == nil)
    }

    @Test func `of several faster ones the fastest is proposed`() throws {
        let experiment = latencyExperiment("several", sharesMilli: [400, 300, 300])
        let behaviours = [Behaviour(), faster, Behaviour(latency: 15_000)]
        let report = try analysis(experiment, behaviours, seed: 75).report()
        #expect(report.proposal?.variant == 2)
    }

    @Test func `a variant that is faster and fails more is not proposed`() throws {
        var experiment = latencyExperiment("failing")
        experiment.guards = [GuardMetric(.errors, .relative(milli: 200))]
        var failing = faster
        failing.errors = 0.03
        let report = try analysis(experiment, [Behaviour(), failing], seed: 76).report()
        #expect(report.variants[1].metrics[0].comparison?.isBetter == true)
        #expect(report.guards.count == 1)
        #expect(report.guards[0].isBreached)
        #expect(report.proposal == nil)
        // The same harm, put up with.
        experiment.guards = [GuardMetric(.errors, .absolute(milli: 25))]
        let tolerant = try analysis(experiment, [Behaviour(), failing], seed: 76).report()
        #expect(!tolerant.guards[0].isBreached)
        #expect(tolerant.proposal?.variant == 1)
    }

    @Test func `errors are seen also if the control has none`() throws {
        var experiment = latencyExperiment("none")
        experiment.guards = [GuardMetric(.errors, .relative(milli: 100))]
        let behaviours = [Behaviour(errors: 0), Behaviour(errors: 0.05)]
        let report = try analysis(experiment, behaviours, customers: 700, seed: 77).report()
        #expect(report.guards[0].isBreached, "\(report.guards[0])")
        let neither = try analysis(
            experiment, [Behaviour(errors: 0), Behaviour(errors: 0)], customers: 700, seed: 77
        ).report()
        #expect(!neither.guards[0].isBreached)
    }

    @Test func `nothing is proposed while exposures are lost on one side`() throws {
        var lossy = faster
        lossy.arriving = 0.8
        let report = try analysis(
            latencyExperiment("lossy"), [Behaviour(), lossy], customers: 12_000, seed: 78
        ).report()
        #expect(report.variants[1].metrics[0].comparison?.isBetter == true)
        #expect(report.sampleRatio.isMismatch)
        #expect(report.sampleRatio.p < 0.001)
        #expect(report.proposal == nil)
    }

    @Test func `guards of equal variants are seldom breached, however often one looks`() throws {
        var lottery = Lottery(seed: 79)
        var breaches = 0
        for number in 0..<400 {
            var experiment = latencyExperiment("guards \(number)")
            experiment.plannedEffect = 0.5
            experiment.guards = [
                GuardMetric(.errors, .relative(milli: 0)), GuardMetric(.remoteReads, .absolute(milli: 0)),
            ]
            var analysis = try ExperimentAnalysis(experiment)
            var isBreached = false
            for (place, hash) in customerHashes(2_000).enumerated() {
                let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
                _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
                let outcome = Outcome(
                    variant: variant, time: 0, latencyMicros: 1_000, isError: lottery.uniform() < 0.02,
                    isRemote: lottery.uniform() < 0.4)
                _ = analysis.record(outcome, hash: hash)
                if place % 50 == 49 {
                    for guardMetric in experiment.guards where analysis.result(of: guardMetric, 1).isBreached
                    {
                        isBreached = true
                    }
                }
            }
            if isBreached { breaches += 1 }
        }
        print("guards of equal variants, seed 79: \(breaches) of 400 ever breached in 40 looks")
        #expect(breaches <= 20)
    }

    @Test func `figures are written as people read them`() {
        #expect(ProposalText.decimal(12.345, places: 2) == "12.35")
        #expect(ProposalText.decimal(-0.04, places: 1) == "0.0")
        #expect(ProposalText.decimal(-7.06, places: 1) == "-7.1")
        #expect(ProposalText.decimal(3, places: 3) == "3.000")
        #expect(ProposalText.decimal(99.5, places: 0) == "100")
        #expect(ProposalText.decimal(.infinity, places: 1) == "over 1e15")
        #expect(ProposalText.decimal(.nan, places: 1) == "unknown")
        #expect(ProposalText.probability(0.000_4) == "under 0.001")
        #expect(ProposalText.mean(0.012_3, .errors) == "1.23 %")
        #expect(ProposalText.mean(20_000, .latency) == "20000 us")
    }
}
