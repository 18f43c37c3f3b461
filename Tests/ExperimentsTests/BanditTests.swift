import Contracts
import Foundation
import Testing

@testable import Experiments

/// Shares that follow the evidence, and what is found under them.
@Suite struct BanditTests {
    private static let windows = 10
    private static let customers = 500

    private struct End {
        var shares: [[Int64]]
        /// The effect found, in parts of the control's mean: by stratum, and from all outcomes as if shares had not
        /// changed.
        var stratified: Double
        var plain: Double
        /// Whether the interval ever missed 0, looked at after each window.
        var isFound: Bool
        var isMismatch: Bool
    }

    /// Windows in which the load, and so everybody's latency, rises; the shares are decided at the end of each.
    private func run(
        _ name: String, effects: [Double], rise: Double, _ latency: SkewedLatency, _ hashes: [UInt64],
        _ lottery: inout Lottery
    ) throws -> End {
        let even = Int64(1_000 / effects.count)
        var experiment = latencyExperiment(
            name,
            sharesMilli: [1_000 - even * Int64(effects.count - 1)] + effects.dropFirst().map { _ in even })
        experiment.bandit = Bandit(controlShareMilli: 150, windowMillis: 60_000)
        experiment.plannedEffect = 0.1
        var analysis = try ExperimentAnalysis(experiment)
        var shares: [[Int64]] = []
        var isFound = false
        for window in 0..<Self.windows {
            let time = Int64(window) * 60_000
            for hash in hashes {
                let variant = analysis.assignment.place(of: hash, cell: 0, at: time).variant
                _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: time)
                let factor = latency.customer(&lottery)
                for _ in 0..<2 {
                    let effect = (1 - effects[variant]) * (1 + rise * Double(window))
                    let micros = latency.request(factor, effect: effect, &lottery)
                    _ = analysis.record(
                        Outcome(variant: variant, time: time, latencyMicros: micros), hash: hash)
                }
            }
            if let evidence = analysis.lnEvidence(of: 1), evidence >= log(20) { isFound = true }
            let decision = try #require(analysis.shares(from: Int64(window) + 1))
            shares.append(decision.sharesMilli)
            try analysis.adopt(decision)
        }
        let report = analysis.report()
        let comparison = try #require(report.variants[1].metrics[0].comparison)
        let (control, variant) = (
            report.variants[0].metrics[0].mean ?? 0, report.variants[1].metrics[0].mean ?? 0
        )
        return End(
            shares: shares, stratified: comparison.relative(comparison.difference),
            plain: (variant - control) / control, isFound: isFound, isMismatch: report.sampleRatio.isMismatch)
    }

    private func runs(
        _ count: Int, seed: UInt64, effects: [Double], rise: Double = 0.2
    ) throws -> [End] {
        var lottery = Lottery(seed: seed)
        let latency = SkewedLatency(customers: 0.3, requests: 0.5, &lottery)
        let hashes = customerHashes(Self.customers)
        return try (0..<count).map {
            try run("bandit \(seed) \($0)", effects: effects, rise: rise, latency, hashes, &lottery)
        }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test func `traffic shifts to the better variant, and the control keeps its share`() throws {
        let ends = try runs(100, seed: 81, effects: [0, 0.1])
        let last = mean(ends.map { Double($0.shares[Self.windows - 1][1]) / 1_000 })
        let worse = try runs(100, seed: 82, effects: [0, -0.1])
        let control = mean(worse.map { Double($0.shares[Self.windows - 1][0]) / 1_000 })
        print(
            "bandit, seeds 81 and 82: a better variant ends at \(percent(last)), a better control at \(percent(control))"
        )
        #expect(last > 0.8)
        #expect(control > 0.9)
        for shares in (ends + worse).flatMap(\.shares) {
            #expect(shares.reduce(0, +) == 1_000)
            #expect(shares[0] >= 150 && shares[1] >= 10)
        }
    }

    @Test func `of three the best gets the most`() throws {
        let ends = try runs(50, seed: 83, effects: [0, 0.05, 0.2])
        let last = ends.map { $0.shares[Self.windows - 1] }
        print(
            "bandit of three, seed 83: mean end shares \((0..<3).map { place in mean(last.map { Double($0[place]) }) })"
        )
        #expect(mean(last.map { Double($0[2]) }) > 700)
        #expect(last.allSatisfy { $0[0] >= 150 && $0[1] >= 10 })
    }

    @Test func `estimates are not biased by how the shares came about, nor by a load that rises meanwhile`()
        throws
    {
        let ends = try runs(600, seed: 84, effects: [0, 0.1])
        let stratified = mean(ends.map(\.stratified))
        let plain = mean(ends.map(\.plain))
        let deviation = mean(ends.map { pow($0.stratified - stratified, 2) }).squareRoot()
        let error = deviation / Double(ends.count).squareRoot()
        print(
            "bandit, seed 84: an effect of -10 % is found as \(percent(stratified)) by stratum (standard error "
                + "\(percent(error))), as \(percent(plain)) from all outcomes")
        #expect(abs(stratified + 0.1) < 4 * error)
        #expect(error < 0.003)
        // What the test is for: the plain means are far off.
        #expect(abs(plain + 0.1) > 0.05)
        #expect(ends.count { $0.isMismatch } <= 2)
    }

    @Test func `equal variants are found different in at most one of twenty, and not on one side on average`()
        throws
    {
        let ends = try runs(1_000, seed: 85, effects: [0, 0])
        let found = Double(ends.count { $0.isFound }) / 1_000
        let stratified = mean(ends.map(\.stratified))
        let error = mean(ends.map { $0.stratified * $0.stratified }).squareRoot() / 1_000.0.squareRoot()
        print(
            "bandit, equal variants, seed 85: \(percent(found)) of 1,000 found different, mean effect "
                + "\(percent(stratified)), standard error \(percent(error))")
        #expect(found <= 0.05)
        #expect(abs(stratified) < 4 * error)
    }

    @Test func `the same evidence makes the same shares, and another window other draws`() throws {
        var experiment = latencyExperiment("draws")
        experiment.bandit = Bandit(windowMillis: 60_000)
        var analysis = try ExperimentAnalysis(experiment)
        #expect(analysis.shares(from: 3) == ShareDecision(window: 3, sharesMilli: [500, 500]))
        var lottery = Lottery(seed: 86)
        for hash in customerHashes(1_000) {
            let variant = analysis.assignment.place(of: hash, cell: 0, at: 0).variant
            _ = analysis.expose(hash: hash, variant: variant, cell: 0, time: 0)
            let micros = Int64(1_000 * lottery.uniform())
            _ = analysis.record(Outcome(variant: variant, time: 0, latencyMicros: micros), hash: hash)
        }
        let first = try #require(analysis.shares(from: 3))
        #expect(analysis.shares(from: 3) == first)
        #expect((4..<20).contains { analysis.shares(from: $0)?.sharesMilli != first.sharesMilli })
        #expect(try ExperimentAnalysis(latencyExperiment("fixed")).shares(from: 1) == nil)
    }

    @Test func `records of spans long closed are counted as late`() throws {
        var experiment = latencyExperiment("late")
        experiment.bandit = Bandit(windowMillis: 1_000)
        var analysis = try ExperimentAnalysis(experiment)
        func record(at time: Int64) -> RecordUse {
            let variant = analysis.assignment.place(of: 1, cell: 0, at: time).variant
            _ = analysis.expose(hash: 1, variant: variant, cell: 0, time: time)
            return analysis.record(Outcome(variant: variant, time: time, latencyMicros: 5), hash: 1)
        }
        for window in 1...3 {
            #expect(record(at: 0) == .used)
            try analysis.adopt(ShareDecision(window: Int64(window), sharesMilli: [400, 600]))
        }
        #expect(record(at: 0) == .late)
        #expect(record(at: 1_000) == .used)
        #expect(analysis.apart.late == 2)
        // What closed spans held is still shown.
        #expect(analysis.report().variants.reduce(0) { $0 + $1.outcomes } == 4)
    }
}
