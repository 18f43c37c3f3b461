import Contracts
import Foundation
import Testing

@testable import Experiments

/// Where customers share what they wait for, cells that switch by time show what customers that are drawn cannot.
///
/// A small model of load: a request takes the base time, times 1 + twice the load of its cell. The variant sends
/// reads elsewhere, which costs each of them 0.3 base times and takes half of the load that it makes off the cell.
/// Under the variant a customer is slower than the neighbour who is not; yet with all under it everybody is faster:
/// 2.3 base times in place of 3. What drains slowly is a load of before, which fades by half in each minute.
@Suite struct SwitchbackTests {
    private static let base = 10_000.0
    private static let blockMillis: Int64 = 1_200_000
    private static let trueEffect = 2.3 / 3 - 1

    private struct Cell {
        var load = 1.0
        var weather = 0.0

        mutating func advance(treated: Double, _ lottery: inout Lottery) {
            load += (1 - 0.5 * treated - load) / 2
            weather = 0.95 * weather + 0.03 * lottery.normal()
        }

        func micros(isTreated: Bool, _ lottery: inout Lottery) -> Int64 {
            let time = 1 + 2 * load + (isTreated ? 0.3 : 0)
            return Int64(base * time * exp(weather + 0.4 * lottery.normal() - 0.08))
        }
    }

    /// Minutes of requests in four cells, 20 in each and minute.
    private func run(_ experiment: Experiment, minutes: Int, seed: UInt64) throws -> ExperimentAnalysis {
        var analysis = try ExperimentAnalysis(experiment)
        var lottery = Lottery(seed: seed)
        var cells = (0..<4).map { _ in Cell() }
        let hashes = customerHashes(8_000)
        for minute in 0..<minutes {
            let time = Int64(minute) * 60_000
            for cell in cells.indices {
                let requests = (0..<20).map { _ in hashes[Int(lottery.uniform() * 2_000) * 4 + cell] }
                let variants = requests.map {
                    analysis.assignment.place(of: $0, cell: cell, at: time).variant
                }
                cells[cell].advance(treated: Double(variants.reduce(0, +)) / 20, &lottery)
                for (hash, variant) in zip(requests, variants) {
                    _ = analysis.expose(hash: hash, variant: variant, cell: cell, time: time)
                    let outcome = Outcome(
                        variant: variant, cell: cell, time: time,
                        latencyMicros: cells[cell].micros(isTreated: variant == 1, &lottery))
                    _ = analysis.record(outcome, hash: hash)
                }
            }
        }
        return analysis
    }

    private func switching(_ name: String, settleMillis: Int64) -> Experiment {
        var experiment = latencyExperiment(name)
        experiment.switchback = Switchback(
            blockMillis: Self.blockMillis, settleMillis: settleMillis, cells: ["eu", "us", "ap", "sa"])
        return experiment
    }

    @Test func `the effect is recovered, which drawn customers show with the wrong sign`() throws {
        let minutes = 4 * 1_440
        let switched = try run(switching("switched", settleMillis: 360_000), minutes: minutes, seed: 91)
        let drawn = try run(latencyExperiment("drawn"), minutes: minutes, seed: 91)
        let right = try #require(switched.comparison(of: 1, .latency))
        let wrong = try #require(drawn.comparison(of: 1, .latency))
        func text(_ found: Comparison) -> String {
            "\(percent(found.relative(found.difference))), interval \(percent(found.relative(found.lower))) to "
                + percent(found.relative(found.upper))
        }
        print(
            "load model, seed 91: true effect \(percent(Self.trueEffect)); switchback \(text(right)); "
                + "drawn customers \(text(wrong))")
        #expect(right.isBetter)
        let truth = Self.trueEffect * right.control
        #expect(right.lower < truth && truth < right.upper)
        #expect(abs(right.relative(right.difference) - Self.trueEffect) < 0.05)
        #expect(wrong.isWorse)
        #expect(switched.report().proposal?.reason.contains(" blocks with ") == true)
    }

    @Test func `without time to settle the effect is diluted, with it it is not`() throws {
        func effect(settleMillis: Int64) throws -> Double {
            let effects = try (0..<10).map { number in
                let experiment = switching("settling \(number)", settleMillis: settleMillis)
                let analysis = try run(experiment, minutes: 2_880, seed: 920 + UInt64(number))
                let found = try #require(analysis.comparison(of: 1, .latency))
                return found.relative(found.difference)
            }
            return effects.reduce(0, +) / 10
        }
        let (at, after) = (try effect(settleMillis: 0), try effect(settleMillis: 360_000))
        print(
            "load model, seeds 920 to 929: true effect \(percent(Self.trueEffect)), found \(percent(at)) at once, "
                + "\(percent(after)) after six minutes")
        #expect(abs(after - Self.trueEffect) < 0.01)
        #expect(at - after > 0.005)
    }

    @Test func `equal variants are not found different, though minutes of a block are alike`() throws {
        var found = 0
        for number in 0..<200 {
            var lottery = Lottery(seed: 930 + UInt64(number))
            var experiment = switching("equal blocks \(number)", settleMillis: 0)
            // About what two days of such blocks are enough for.
            experiment.plannedEffect = 0.1
            var analysis = try ExperimentAnalysis(experiment)
            var weather = 0.0
            var isFound = false
            for minute in 0..<(2 * 1_440) {
                let time = Int64(minute) * 60_000
                weather = 0.99 * weather + 0.05 * lottery.normal()
                for cell in 0..<4 {
                    let variant = analysis.assignment.place(of: 1, cell: cell, at: time).variant
                    _ = analysis.expose(hash: 1, variant: variant, cell: cell, time: time)
                    for _ in 0..<3 {
                        let micros = Int64(Self.base * exp(weather + 0.4 * lottery.normal()))
                        _ = analysis.record(
                            Outcome(variant: variant, cell: cell, time: time, latencyMicros: micros), hash: 1)
                    }
                }
                if let evidence = analysis.lnEvidence(of: 1), evidence >= log(20) { isFound = true }
            }
            if isFound { found += 1 }
        }
        print("equal switchbacks, seeds 930 to 1129: \(found) of 200 ever found different")
        #expect(found <= 10)
    }

    @Test func `what settles is counted apart`() throws {
        var analysis = try ExperimentAnalysis(switching("apart", settleMillis: 1_000))
        for (time, use) in [(999, RecordUse.settling), (1_000, .waiting), (-1, .waiting)]
            as [(Int64, RecordUse)]
        {
            let variant = analysis.assignment.place(of: 1, cell: 2, at: time).variant
            let outcome = Outcome(variant: variant, cell: 2, time: time, latencyMicros: 1)
            #expect(analysis.record(outcome, hash: 1) == use)
        }
        #expect(analysis.apart.settling == 1)
    }
}
