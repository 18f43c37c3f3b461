/// The forecast of each customer's next access, as it was made, until the access comes and it can be scored.
///
/// Probabilities are kept as 16-bit codes of their logarithms, to 1/4096 of a nat; what is under e^-16 counts as
/// that.
struct Forecasts {
    private var codes: [UInt16] = []
    private let partitions: Int
    private var rows: Int

    /// What a customer's rows hold.
    enum Row: Int {
        /// The pool's.
        case pool
        /// The network's.
        case network
        /// The network's of the share.
        case networkShare
    }

    private static let one: Float = 4_096

    /// Without a network there is only the pool's row.
    init(partitions: Int, hasNetwork: Bool) {
        self.partitions = partitions
        rows = hasNetwork ? 3 : 1
    }

    /// Makes room for the rows of a network that has said nothing yet, or takes it away. What the pool said stays.
    mutating func restart(hasNetwork: Bool) {
        let wide = hasNetwork ? 3 : 1
        let even = even
        var copy: [UInt16] = []
        copy.reserveCapacity(codes.count / rows * wide)
        for first in stride(from: 0, to: codes.count, by: width) {
            copy += codes[first..<first + partitions]
            copy += repeatElement(even, count: (wide - 1) * partitions)
        }
        codes = copy
        rows = wide
    }

    /// The code of a network that has said nothing: it counts as one that finds all alike.
    var even: UInt16 { UInt16(FloatMath.log(SIMD8(repeating: Float(partitions)))[0] * Self.one) }

    /// Whether there are the network's rows.
    var hasNetwork: Bool { rows > 1 }

    /// Bytes held, used or not.
    var bytes: Int { codes.capacity * 2 }

    /// Makes room for one more customer.
    mutating func append() {
        codes.append(contentsOf: repeatElement(0, count: rows * partitions))
    }

    /// The logarithm of a probability.
    @inline(__always)
    func log(_ place: Int, _ row: Row, _ partition: Int) -> Float {
        Float(codes[(place * rows + row.rawValue) * partitions + partition]) / -Self.one
    }

    /// How a forecast did on an access.
    struct Score {
        /// -ln of what was given to the partition that was accessed, in 1/4096 nats: 0 to 65,535.
        var loss: UInt16
        /// The highest probability that was given.
        var topProbability: Float
        /// Whether that went to the partition that was accessed; of several the first is the top.
        var isTop: Bool
    }

    /// Scores the pool's forecast, as it was kept, on an access.
    @inline(__always)
    func score(_ place: Int, _ partition: Int) -> Score {
        let first = place * rows * partitions
        let row = codes.span.extracting(first..<first + partitions).bytes
        let top = Self.least(of: row)
        let code = row.code(partition)
        let isTop = code == top && Self.least(of: row.extracting(0..<2 * partition)) != top
        let log = SIMD8(repeating: Float(top) / -Self.one)
        return Score(loss: code, topProbability: FloatMath.exp(log)[0], isTop: isTop)
    }

    /// The least of the codes, which is that of the highest probability; the greatest there is if there are none.
    @inline(__always)
    private static func least(of codes: RawSpan) -> UInt16 {
        let count = codes.byteCount / 2
        if count < 8 {
            var least = UInt16.max
            for k in 0..<count { least = min(least, codes.code(k)) }
            return least
        }
        // The last block may overlap the one before it.
        var eight = codes.eightCodes(count - 8)
        var k = 0
        while k + 8 < count {
            let others = codes.eightCodes(k)
            eight.replace(with: others, where: others .< eight)
            k += 8
        }
        let four = lesser(eight.lowHalf, eight.highHalf)
        let two = lesser(four.lowHalf, four.highHalf)
        return min(two[0], two[1])
    }

    @inline(__always)
    private static func lesser<Codes: SIMD<UInt16>>(_ a: Codes, _ b: Codes) -> Codes {
        a.replacing(with: b, where: b .< a)
    }

    /// Keeps a row of logarithms: a whole number of blocks of 8, of which those of the partitions count.
    @inline(__always)
    mutating func keep(_ place: Int, _ row: Row, _ logs: UnsafePointer<Float>) {
        let first = (place * rows + row.rawValue) * partitions
        let count = partitions
        codes.withUnsafeMutableBufferPointer { codes in
            let target = UnsafeMutableBufferPointer(rebasing: codes[first..<first + count])
            var k = 0
            while k < count {
                let code = FloatMath.atLeast(FloatMath.atMost(logs.eight(k) * -Self.one, 65_535), 0)
                // A number from 2^23 to 2^24 has its unit in the last bit.
                let bits = unsafeBitCast(code + 8_388_608, to: SIMD8<UInt32>.self)
                let eight = SIMD8<UInt16>(truncatingIfNeeded: bits)
                if k + 8 <= count {
                    UnsafeMutableRawBufferPointer(target).storeBytes(
                        of: eight, toByteOffset: 2 * k, as: SIMD8<UInt16>.self)
                } else {
                    for i in 0..<count - k { target[k + i] = eight[i] }
                }
                k += 8
            }
        }
    }

    /// Copies a row of logarithms to whole blocks of 8; behind the partitions they are 0.
    @inline(__always)
    func copy(_ place: Int, _ row: Row, to logs: UnsafeMutablePointer<Float>) {
        let first = (place * rows + row.rawValue) * partitions
        let source = codes.span.extracting(first..<first + partitions)
        var k = 0
        while k < source.count {
            var eight = SIMD8<UInt32>()
            for i in 0..<min(8, source.count - k) { eight[i] = UInt32(source[k + i]) }
            logs.put(SIMD8<Float>(eight) * (-1 / Self.one), k)
            k += 8
        }
    }

    /// The codes of all rows of a customer.
    @_lifetime(borrow self)
    func codes(_ place: Int) -> Span<UInt16> {
        codes.span.extracting(place * rows * partitions..<(place + 1) * rows * partitions)
    }

    /// How many codes a customer has.
    var width: Int { rows * partitions }

    /// Takes over what was saved.
    mutating func restore(_ place: Int, _ saved: [UInt16]) {
        for i in 0..<width { codes[place * width + i] = saved[i] }
    }

    /// Forgets a customer's forecast.
    mutating func clear(_ place: Int) {
        for i in place * width..<(place + 1) * width { codes[i] = 0 }
    }
}

extension RawSpan {
    /// The code at a place.
    @inline(__always)
    fileprivate func code(_ k: Int) -> UInt16 { unsafeLoadUnaligned(fromByteOffset: 2 * k, as: UInt16.self) }

    /// The eight codes from a place on.
    @inline(__always)
    fileprivate func eightCodes(_ k: Int) -> SIMD8<UInt16> {
        unsafeLoadUnaligned(fromByteOffset: 2 * k, as: SIMD8<UInt16>.self)
    }
}
