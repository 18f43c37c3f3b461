/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): the same numbers
/// from the same seed on every machine.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A generator for one of many purposes of one seed: those of different purposes have nothing in common.
    package init(seed: UInt64, _ purposes: [UInt64]) {
        state = seed
        for purpose in purposes {
            state = next() ^ purpose
        }
        state = next()
    }

    @inlinable @inline(__always)
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number with mean 0 and variance 1: the sum of twelve uniform ones, which is as good as normal where
    /// only the variance counts, and the same on every machine because nothing is rounded but the result.
    package mutating func normal() -> Float {
        var sum: UInt64 = 0
        for _ in 0..<12 { sum += next() >> 40 }
        return Float(Double(sum) / 16_777_216 - 6)
    }
}
