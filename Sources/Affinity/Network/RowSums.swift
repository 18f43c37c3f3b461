/// The one kernel of the network: sums of rows, each times a factor.
///
/// A product of a vector with a matrix that is laid out by input is such a sum; so is the gradient of one row
/// of the matrix over several examples. Sums are kept in registers, four or fewer blocks of eight at a time.
/// Each element is summed in the order of the rows, whatever the width.
package enum RowSums {
    /// sums[c] += the sum over k < count of factors[k * factorStride] * rows[k * rowStride + c], for each c below
    /// `width`, which is a multiple of 8. Nothing may overlap.
    @inlinable @inline(__always)
    package static func add(
        _ factors: UnsafePointer<Float>, factorStride: Int = 1, count: Int,
        rows: UnsafePointer<Float>, rowStride: Int, width: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        var c = 0
        while c + 32 <= width {
            add4(factors, factorStride, count, rows + c, rowStride, sums + c)
            c += 32
        }
        if c + 24 == width { return add3(factors, factorStride, count, rows + c, rowStride, sums + c) }
        if c + 16 <= width {
            add2(factors, factorStride, count, rows + c, rowStride, sums + c)
            c += 16
        }
        if c < width { add1(factors, factorStride, count, rows + c, rowStride, sums + c) }
    }

    @inlinable @inline(__always)
    package static func load(_ from: UnsafePointer<Float>, _ block: Int = 0) -> SIMD8<Float> {
        UnsafeRawPointer(from + block * 8).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inlinable @inline(__always)
    package static func store(_ value: SIMD8<Float>, _ to: UnsafeMutablePointer<Float>, _ block: Int = 0) {
        UnsafeMutableRawPointer(to + block * 8).storeBytes(of: value, as: SIMD8<Float>.self)
    }

    /// The sum of a[c] * b[c] over c below `width`, which is a multiple of 8.
    package static func dot(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, width: Int
    ) -> Float {
        var sums = SIMD8<Float>()
        for c in 0..<width / 8 { sums += load(a, c) * load(b, c) }
        return total(sums)
    }

    // Where halves are taken in sight of a loop, the compiler takes the loop's vectors apart too. So these are
    // functions of their own.

    /// The sum of the elements, in an order that is the same on every machine.
    @inline(never)
    package static func total(_ v: SIMD8<Float>) -> Float {
        let four = v.lowHalf + v.highHalf
        return (four[0] + four[2]) + (four[1] + four[3])
    }

    /// The greatest of the elements.
    @inline(never)
    package static func greatest(_ v: SIMD8<Float>) -> Float {
        let four = v.lowHalf.replacing(with: v.highHalf, where: v.highHalf .> v.lowHalf)
        let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
        return two[0] > two[1] ? two[0] : two[1]
    }

    @usableFromInline
    static func add4(
        _ factors: UnsafePointer<Float>, _ factorStride: Int, _ count: Int, _ rows: UnsafePointer<Float>,
        _ rowStride: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        var (a, b, c, d) = (load(sums), load(sums, 1), load(sums, 2), load(sums, 3))
        var row = rows
        var factor = factors
        for _ in 0..<count {
            let f = SIMD8(repeating: factor.pointee)
            a += f * load(row)
            b += f * load(row, 1)
            c += f * load(row, 2)
            d += f * load(row, 3)
            row += rowStride
            factor += factorStride
        }
        store(a, sums)
        store(b, sums, 1)
        store(c, sums, 2)
        store(d, sums, 3)
    }

    @usableFromInline
    static func add3(
        _ factors: UnsafePointer<Float>, _ factorStride: Int, _ count: Int, _ rows: UnsafePointer<Float>,
        _ rowStride: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        var (a, b, c) = (load(sums), load(sums, 1), load(sums, 2))
        var row = rows
        var factor = factors
        for _ in 0..<count {
            let f = SIMD8(repeating: factor.pointee)
            a += f * load(row)
            b += f * load(row, 1)
            c += f * load(row, 2)
            row += rowStride
            factor += factorStride
        }
        store(a, sums)
        store(b, sums, 1)
        store(c, sums, 2)
    }

    @usableFromInline
    static func add2(
        _ factors: UnsafePointer<Float>, _ factorStride: Int, _ count: Int, _ rows: UnsafePointer<Float>,
        _ rowStride: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        var (a, b) = (load(sums), load(sums, 1))
        var row = rows
        var factor = factors
        for _ in 0..<count {
            let f = SIMD8(repeating: factor.pointee)
            a += f * load(row)
            b += f * load(row, 1)
            row += rowStride
            factor += factorStride
        }
        store(a, sums)
        store(b, sums, 1)
    }

    @usableFromInline
    static func add1(
        _ factors: UnsafePointer<Float>, _ factorStride: Int, _ count: Int, _ rows: UnsafePointer<Float>,
        _ rowStride: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        var a = load(sums)
        var row = rows
        var factor = factors
        for _ in 0..<count {
            a += SIMD8(repeating: factor.pointee) * load(row)
            row += rowStride
            factor += factorStride
        }
        store(a, sums)
    }
}
