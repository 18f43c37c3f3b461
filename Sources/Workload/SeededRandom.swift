import Glibc

/// Random numbers that depend on a seed and a stream's number only.
///
/// Sources: xoshiro256** by Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021).
/// As its authors advise, its state is filled by SplitMix64 (Steele, Lea, Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014).
public struct SeededRandom: Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// The stream of that number under `seed`; streams do not depend on each other.
    public init(seed: UInt64, stream: UInt64) {
        var outer = SplitMix64(state: seed)
        var inner = SplitMix64(state: stream)
        var filler = SplitMix64(state: outer.next() ^ inner.next())
        self.init(state: (filler.next(), filler.next(), filler.next(), filler.next()))
    }

    /// Goes on from a state, which must not be all zero.
    init(state: (UInt64, UInt64, UInt64, UInt64)) {
        (s0, s1, s2, s3) = state
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let product = s1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = s3 << 45 | s3 >> 19
        return result
    }

    /// Uniform in 0 up to, not including, 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0 up to, not including, `limit`.
    public mutating func below(_ limit: Int64) -> Int64 {
        Int64(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
    }

    /// True with that probability. Always takes one number.
    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// Standard normal. Source: Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// Exponential with that mean.
    mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }

    /// Poisson with that mean; in pieces, so that exp does not underflow.
    ///
    /// Source: Knuth, "The Art of Computer Programming", volume 2, 3.4.1.
    mutating func poisson(mean: Double) -> Int {
        var rest = mean
        var count = 0
        while rest > 0 {
            let limit = exp(-min(rest, 16))
            var product = uniform()
            while product > limit {
                count += 1
                product *= uniform()
            }
            rest -= 16
        }
        return count
    }

    /// An index, by weight; `sums` holds the running sums of the weights.
    mutating func pick(_ sums: [Double]) -> Int {
        let at = uniform() * (sums.last ?? 0)
        return sums.firstIndex { at < $0 } ?? sums.count - 1
    }
}

/// The generator that fills the other one's state.
struct SplitMix64: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
