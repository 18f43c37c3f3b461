import Foundation
import Testing

@testable import Experiments

/// The functions the evidence is made of are those of the mathematics library, and the interval is the evidence
/// turned inside out.
@Suite struct ElementaryTests {
    @Test func `logarithm and exponential agree with the library's to 1e-14`() {
        var lottery = Lottery(seed: 11)
        for _ in 0..<20_000 {
            let x = exp(lottery.normal() * 20)
            #expect(abs(Elementary.ln(x) - log(x)) <= 1e-14 * max(1, abs(log(x))), "seed 11: ln \(x)")
            let y = lottery.normal() * 100
            #expect(abs(Elementary.exp(y) / exp(y) - 1) <= 1e-14, "seed 11: exp \(y)")
        }
    }

    @Test func `the ends of the range have a meaning`() {
        #expect(Elementary.ln(0) == -.infinity)
        #expect(Elementary.ln(-1) == -.infinity)
        #expect(Elementary.ln(.infinity) == .infinity)
        #expect(Elementary.ln(.nan).isNaN)
        #expect(Elementary.ln(1) == 0)
        #expect(Elementary.exp(0) == 1)
        #expect(Elementary.exp(-1_000) == 0)
        #expect(Elementary.exp(1_000) == .infinity)
        #expect(Elementary.exp(.nan).isNaN)
    }

    @Test func `draws are standard normal`() {
        var lottery = Lottery(experiment: "draws", window: 12)
        let draws = (0..<100_000).map { _ in lottery.normal() }
        let mean = draws.reduce(0, +) / 100_000
        let variance = draws.reduce(0) { $0 + $1 * $1 } / 100_000
        let tail = Double(draws.count { $0 > 1.959_964 }) / 100_000
        #expect(abs(mean) < 0.013, "\(mean)")
        #expect(abs(variance - 1) < 0.018, "\(variance)")
        #expect(abs(tail - 0.025) < 0.002, "\(tail)")
    }

    @Test func `evidence is the likelihood ratio averaged over the priors`() {
        let (variance, planned, difference) = (0.7, 0.5, 2.1)
        func normal(_ x: Double, _ mean: Double, _ variance: Double) -> Double {
            exp(-(x - mean) * (x - mean) / (2 * variance)) / variance.squareRoot()
        }
        let none = normal(difference, 0, variance)
        var expected =
            0.9 * 0.5
            * (normal(difference, planned, variance) + normal(difference, -planned, variance)) / none
        for width in [1.0, 4, 16, 64] {
            expected += 0.025 * normal(difference, 0, variance + pow(width * planned, 2)) / none
        }
        let found = Evidence(variance: variance, planned: planned, .goal).ln(difference)
        #expect(abs(found - log(expected)) < 1e-12, "\(found) \(log(expected))")
    }

    @Test(arguments: [1e-9, 1e-4, 0.01, 1, 100, 1e6], [0.05, 0.001])
    func `at the interval's end the evidence is 1 over alpha`(variance: Double, alpha: Double) {
        let evidence = Evidence(variance: variance, planned: 0.05, .goal)
        let radius = evidence.radius(alpha: alpha)
        #expect(abs(evidence.ln(radius) + log(alpha)) < 1e-6, "\(radius)")
        #expect(evidence.ln(radius * 0.999) < -log(alpha))
    }

    @Test func `the interval shrinks to nothing`() {
        let radii = [1e-2, 1e-4, 1e-6, 1e-8].map {
            Evidence(variance: $0, planned: 0.05, .goal).radius(alpha: 0.05) / $0.squareRoot()
        }
        // In standard errors it may only grow slowly.
        #expect(radii.allSatisfy { (2.0...6).contains($0) }, "\(radii)")
    }
}
