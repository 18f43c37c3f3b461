import Testing

@testable import Workload

@Suite struct SeededRandomTests {
    @Test func splitMixGivesThePublishedNumbers() {
        var random = SplitMix64(state: 1_234_567)
        let numbers = (0..<5).map { _ in random.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func xoshiroGivesThePublishedNumbers() {
        var random = SeededRandom(state: (1, 2, 3, 4))
        let numbers = (0..<6).map { _ in random.next() }
        #expect(
            numbers == [
                11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
                607_988_272_756_665_600,
            ])
    }

    @Test(arguments: [0.3, 5.0, 40.0])
    func poissonHasItsMeanAndVariance(mean: Double) {
        var random = SeededRandom(seed: 11, stream: 0)
        let draws = (0..<20_000).map { _ in Double(random.poisson(mean: mean)) }
        let average = draws.reduce(0, +) / 20_000
        let variance = draws.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 20_000
        #expect(abs(average - mean) < 0.05 * mean, "seed 11")
        #expect(abs(variance - mean) < 0.05 * mean, "seed 11")
    }

    @Test func logNormalHasItsMean() {
        var random = SeededRandom(seed: 12, stream: 0)
        let average =
            (0..<50_000).reduce(0) { sum, _ in sum + random.logNormal(mean: 3, spread: 0.6) } / 50_000
        #expect(abs(average - 3) < 0.06, "seed 12")
    }

    @Test func picksFollowTheWeights() {
        var random = SeededRandom(seed: 13, stream: 0)
        var counts = [0, 0, 0]
        for _ in 0..<10_000 { counts[random.pick([1, 4, 10])] += 1 }
        #expect(abs(counts[0] - 1_000) < 150, "seed 13")
        #expect(abs(counts[1] - 3_000) < 200, "seed 13")
    }
}
