/// Loops over rows of floats, whose lengths are multiples of 8: each alone in a function, so that the compiler keeps
/// whole vectors in registers.
enum Kernels {
    /// What is taken for less probable counts as this probable: e^-13.8.
    static let least: Float = 1.014_53e-6

    /// Takes the natural logarithm of each probability, to 0.00001: less than what forecasts are kept to.
    ///
    /// As in `FloatMath.log`, but with a polynomial of half the length, a minimax fit of log(1 + m) / m.
    @inline(never)
    static func logarithms(_ values: UnsafeMutablePointer<Float>, count: Int) {
        let root = SIMD8<UInt32>(repeating: 0x3F35_04F3)
        var i = 0
        while i < count {
            let p = values.eight(i)
            let bits =
                unsafeBitCast(p.replacing(with: least, where: p .< least), to: SIMD8<UInt32>.self) &- root
            let power = unsafeBitCast(bits, to: SIMD8<Int32>.self) &>> SIMD8(repeating: 23)
            let e = unsafeBitCast(power &+ SIMD8(repeating: 0x4B40_0000), to: SIMD8<Float>.self) - 12_582_912
            let mantissa = (bits & SIMD8(repeating: 0x007F_FFFF)) &+ root
            let m = unsafeBitCast(mantissa, to: SIMD8<Float>.self) - 1
            let square = m * m
            let high = (m * -0.273_498_92 + 0.337_345_18) + square * 0.175_130_7
            let fit = (m * -0.499_233_57 + 0.999_918_9) + square * high
            values.put(m * fit + e * 0.693_147_18, i)
            i += 8
        }
    }

    /// Sets `result` to the sum of the first 14 rows, each times its weight.
    @inline(never)
    static func mixExperts(
        _ weights: UnsafeMutablePointer<Float>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int,
        to result: UnsafeMutablePointer<Float>
    ) {
        var i = 0
        while i < stride {
            var sum = SIMD8<Float>()
            for e in 0..<Expert.rows { sum += weights[e] * rows.eight(e * stride + i) }
            result.put(sum, i)
            i += 8
        }
    }

    /// Adds 16 rows to `result`, each times its weight.
    @inline(never)
    static func pool(
        _ weights: UnsafeMutablePointer<Float>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int,
        to result: UnsafeMutablePointer<Float>
    ) {
        var i = 0
        while i < stride {
            var sum = result.eight(i)
            for e in 0..<16 { sum += weights[e] * rows.eight(e * stride + i) }
            result.put(sum, i)
            i += 8
        }
    }

    /// Shifts logarithms so that what they are of sums to 1.
    @inline(never)
    static func normalise(_ logs: UnsafeMutablePointer<Float>, count: Int) {
        var greatest = logs.eight(0)
        var i = 8
        while i < count {
            let other = logs.eight(i)
            greatest = greatest.replacing(with: other, where: other .> greatest)
            i += 8
        }
        let top = RowSums.greatest(greatest)
        var sum = SIMD8<Float>()
        i = 0
        while i < count {
            sum += FloatMath.exp(logs.eight(i) - top)
            i += 8
        }
        let shift = top + FloatMath.log(SIMD8(repeating: RowSums.total(sum)))[0]
        i = 0
        while i < count {
            logs.put(logs.eight(i) - shift, i)
            i += 8
        }
    }

    /// Takes e to the power of each number, into `result`.
    @inline(never)
    static func exponentials(
        _ logs: UnsafePointer<Float>, count: Int, to result: UnsafeMutablePointer<Float>
    ) {
        var i = 0
        while i < count {
            result.put(FloatMath.exp(logs.eight(i)), i)
            i += 8
        }
    }

    /// Sets `result` to the mean of each of 16 rows under the probabilities `p`.
    @inline(never)
    static func means(
        _ p: UnsafePointer<Float>, _ rows: UnsafePointer<Float>, _ stride: Int,
        to result: UnsafeMutablePointer<Float>
    ) {
        for e in 0..<16 { result[e] = RowSums.dot(p, rows + e * stride, width: stride) }
    }
}
