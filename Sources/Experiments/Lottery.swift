import Contracts

/// Draws that depend on a name and a number only: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014).
struct Lottery: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The draws of an experiment for a window.
    init(experiment: String, window: Int64) {
        var seed = ByteHash.seed
        for byte in experiment.utf8 { ByteHash.add(byte, to: &seed) }
        self.init(seed: ByteHash.finish(seed) ^ UInt64(bitPattern: window) &* 0xd134_2543_de82_ef95)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in 0 up to, not including, 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal, by the polar method (Marsaglia and Bray, "A convenient method for generating normal
    /// variables", 1964), which needs no trigonometry.
    mutating func normal() -> Double {
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let square = x * x + y * y
            if square > 0, square < 1 { return x * (-2 * Elementary.ln(square) / square).squareRoot() }
        }
    }
}
