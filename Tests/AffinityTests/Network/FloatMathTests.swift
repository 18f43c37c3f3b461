import Affinity
import Foundation
import Testing

/// The functions against the platform's, in double precision.
@Suite struct FloatMathTests {
    /// The worst relative error at `count` places spread over `range`, and where it is.
    private func worst(
        from low: Float, to high: Float, _ function: (SIMD8<Float>) -> SIMD8<Float>,
        _ reference: (Double) -> Double
    ) -> (error: Double, at: Float) {
        var worst = (error: 0.0, at: Float(0))
        let count = 80_000
        for start in stride(from: 0, to: count, by: 8) {
            var x = SIMD8<Float>()
            for j in 0..<8 { x[j] = low + (high - low) * Float(start + j) / Float(count - 1) }
            let y = function(x)
            for j in 0..<8 {
                let expected = reference(Double(x[j]))
                let error = abs(Double(y[j]) - expected) / max(abs(expected), 1e-300)
                if error > worst.error { worst = (error, x[j]) }
            }
        }
        return worst
    }

    @Test(arguments: [(-87.3, 88.3), (-1, 1), (-0.001, 0.001)] as [(Float, Float)])
    func exponential(low: Float, high: Float) {
        let worst = worst(from: low, to: high, FloatMath.exp, Foundation.exp)
        #expect(worst.error < 2e-7, "at \(worst.at)")
    }

    @Test(arguments: [(1e-37, 1e-30), (1e-8, 1e-3), (0.001, 1), (0.9, 1.1), (1, 1_000), (1e30, 3e38)])
    func logarithm(low: Float, high: Float) {
        let worst = worst(from: low, to: high, FloatMath.log, Foundation.log)
        #expect(worst.error < 2e-7, "at \(worst.at)")
    }

    @Test(arguments: [(-87, 88), (-8, 8), (-0.1, 0.1)] as [(Float, Float)])
    func sigmoid(low: Float, high: Float) {
        let worst = worst(from: low, to: high, FloatMath.sigmoid) { 1 / (1 + Foundation.exp(-$0)) }
        #expect(worst.error < 3e-7, "at \(worst.at)")
    }

    @Test(arguments: [(-20, 20), (-1, 1), (-0.001, 0.001), (1e-30, 1e-20)] as [(Float, Float)])
    func hyperbolicTangent(low: Float, high: Float) {
        let worst = worst(from: low, to: high, FloatMath.tanh, Foundation.tanh)
        #expect(worst.error < 3e-7, "at \(worst.at)")
    }

    @Test func `what is out of range is cut to it`() {
        let powers = FloatMath.exp(SIMD8(-1_000, -.infinity, 1_000, .infinity, .nan, 0, -0.0, -87.336_5))
        #expect(powers[0] >= Float.leastNormalMagnitude && powers[0] < 1.2e-38)
        #expect(powers[1] == powers[0])
        #expect(powers[2] > 2.4e38 && powers[2].isFinite)
        #expect(powers[3] == powers[2] && powers[4].isFinite)
        #expect(powers[5] == 1 && powers[6] == 1)
        let logs = FloatMath.log(
            SIMD8(0, -1, .leastNonzeroMagnitude, .nan, 1, 2, .greatestFiniteMagnitude, 1))
        for j in 0..<4 { #expect(abs(logs[j] + 87.336_54) < 1e-4) }
        #expect(logs[4] == 0 && logs[7] == 0)
        #expect(abs(logs[6] - 88.722_84) < 1e-4)
    }

    @Test func `far from zero the curves are flat`() {
        let far = SIMD8<Float>(-1e30, -100, -50, 50, 100, 1e30, -.infinity, .infinity)
        #expect(FloatMath.tanh(far) == SIMD8(-1, -1, -1, 1, 1, 1, -1, 1))
        let sigmoid = FloatMath.sigmoid(far)
        for j in 0..<8 { #expect(abs(sigmoid[j] - (far[j] > 0 ? 1 : 0)) < 1e-20) }
    }
}
