import Foundation
import Testing

@testable import Experiments

/// Wrong shares are noticed, right ones are left alone, at any time.
@Suite struct SampleRatioTests {
    /// How many units were exposed when a mismatch was flagged, or nil after all of them. Of the variant's units that
    /// part is lost.
    private func flagged(
        _ name: String, units: Int, lost: Double, sharesMilli: [Int64], _ hashes: [UInt64],
        _ lottery: inout Lottery
    ) throws -> Int? {
        let assignment = try Assignment(latencyExperiment(name, sharesMilli: sharesMilli))
        var ratio = SampleRatio(sharesMilli: sharesMilli)
        var count = 0
        for hash in hashes {
            let variant = assignment.place(of: hash, cell: 0, at: 0).variant
            if variant == 1, lost > 0, lottery.uniform() < lost { continue }
            ratio.add(variant: variant, sharesMilli: sharesMilli)
            count += 1
            if ratio.isMismatch { return count }
            if count == units { break }
        }
        return nil
    }

    @Test func `of 10,000 right splits, looked at after each unit, one in a thousand is flagged at most`()
        throws
    {
        var lottery = Lottery(seed: 61)
        let hashes = customerHashes(3_000)
        var flags = 0
        for number in 0..<10_000 {
            let shares: [Int64] = number % 2 == 0 ? [500, 500] : [900, 60, 40]
            let name = "right 61 \(number)"
            if try flagged(name, units: 3_000, lost: 0, sharesMilli: shares, hashes, &lottery) != nil {
                flags += 1
            }
        }
        print("right splits, seed 61: \(flags) of 10,000 flagged within 3,000 units, looked at after each")
        #expect(flags <= 10)
    }

    @Test func `52 to 48 in place of 50 to 50 is caught`() throws {
        var lottery = Lottery(seed: 62)
        let hashes = customerHashes(45_000)
        let found = try (0..<100).compactMap { number in
            try flagged(
                "wrong 62 \(number)", units: 40_000, lost: 1 - 48.0 / 52, sharesMilli: [500, 500], hashes,
                &lottery)
        }
        let mean = found.reduce(0, +) / max(1, found.count)
        print(
            "52:48, seed 62: \(found.count) of 100 caught at p < 0.001 within 40,000 units, after \(mean) on average"
        )
        #expect(found.count >= 98)
        #expect(mean < 20_000)
    }

    @Test func `a tenth lost is caught within some thousand units, also under uneven shares`() throws {
        var lottery = Lottery(seed: 63)
        let hashes = customerHashes(60_000)
        for shares in [[500, 500], [900, 100]] as [[Int64]] {
            let found = try (0..<50).compactMap { number in
                try flagged(
                    "lost 63 \(number)", units: 50_000, lost: 0.1, sharesMilli: shares, hashes, &lottery)
            }
            print("a tenth lost of \(shares), seed 63: \(found.count) of 50 caught within 50,000 units")
            #expect(found.count >= 48)
        }
    }

    @Test func `with shares that stay it is the mixture over a Dirichlet prior`() {
        var lottery = Lottery(seed: 64)
        let shares: [Int64] = [600, 300, 100]
        var ratio = SampleRatio(sharesMilli: shares)
        for _ in 0..<5_000 {
            let at = lottery.uniform()
            ratio.add(variant: at < 0.58 ? 0 : at < 0.9 ? 1 : 2, sharesMilli: shares)
        }
        var expected = lgamma(SampleRatio.strength) - lgamma(SampleRatio.strength + 5_000)
        for (count, share) in zip(ratio.observed, shares) {
            let prior = SampleRatio.strength * Double(share) / 1_000
            expected +=
                lgamma(prior + Double(count)) - lgamma(prior) - Double(count) * log(Double(share) / 1_000)
        }
        #expect(abs(ratio.evidence - expected) < 1e-8, "\(ratio.evidence) \(expected)")
    }

    @Test func `shares that a bandit changes are what is expected, not what was configured`() {
        var lottery = Lottery(seed: 65)
        var flags = 0
        var missed = 0
        for _ in 0..<500 {
            var right = SampleRatio(sharesMilli: [500, 500])
            var wrong = right
            for window in 0..<10 {
                let shares: [Int64] = [500 - Int64(window) * 40, 500 + Int64(window) * 40]
                for _ in 0..<1_000 {
                    let isVariant = lottery.uniform() * 1_000 < Double(shares[1])
                    right.add(variant: isVariant ? 1 : 0, sharesMilli: shares)
                    // What comes in the shares as configured does not come in those in force.
                    wrong.add(variant: lottery.uniform() < 0.5 ? 1 : 0, sharesMilli: shares)
                }
            }
            if right.isMismatch { flags += 1 }
            if !wrong.isMismatch { missed += 1 }
        }
        print(
            "changing shares, seed 65: \(flags) of 500 right ones flagged, \(missed) of 500 wrong ones missed"
        )
        #expect(flags <= 2)
        #expect(missed == 0)
    }
}
