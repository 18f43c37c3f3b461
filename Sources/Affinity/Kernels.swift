/// Loops over rows of floats, whose lengths are multiples of 8: each alone in a function, so that the compiler keeps
/// whole vectors in registers.
enum Kernels {
    /// Takes the natural logarithm of each number, `least` where it would be less.
    @inline(never)
    static func logarithms(_ values: UnsafeMutablePointer<Float>, count: Int, least: Float) {
        var i = 0
        while i < count {
            let four = UnsafeRawPointer(values + i).loadUnaligned(as: SIMD4<Float>.self)
            let log = FloatMath.atLeast(FloatMath.log(four), least)
            UnsafeMutableRawPointer(values + i).storeBytes(of: log, as: SIMD4<Float>.self)
            i += 4
        }
    }

    /// Sets `result` to the sum of rows, each times its weight.
    @inline(never)
    static func mix(
        _ weights: SIMD16<Float>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int, count: Int,
        to result: UnsafeMutablePointer<Float>
    ) {
        for b in 0..<stride / 8 { result.put(.zero, 8 * b) }
        add(weights, rows, stride, count: count, to: result)
    }

    /// Adds rows to `result`, each times its weight.
    @inline(never)
    static func add(
        _ weights: SIMD16<Float>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int, count: Int,
        to result: UnsafeMutablePointer<Float>
    ) {
        for e in 0..<count {
            let weight = weights[e]
            if weight == 0 { continue }
            let row = rows + e * stride
            var i = 0
            while i < stride {
                result.put(result.eight(i) + weight * row.eight(i), i)
                i += 8
            }
        }
    }

    /// The sum of the products, in an order that is the same on every machine.
    @inline(__always)
    static func dot(_ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, count: Int) -> Float {
        var sum = SIMD8<Float>()
        var i = 0
        while i < count {
            sum += a.eight(i) * b.eight(i)
            i += 8
        }
        return FixedShare.sum(sum)
    }
}
