import Contracts

/// Counts of accesses at four memories: three half-lives in accesses, one in time.
///
/// Lanes: short, medium, long, fading.
typealias Fading = SIMD4<Float>

/// How counts fade.
struct Decay {
    /// The factors per access; 1 in the last lane, which fades by time.
    let perAccess: Fading
    private let halfLifeMillis: Double

    init(_ configuration: AffinityConfiguration) {
        perAccess = Fading(
            Self.factor(halfLife: configuration.halfLifeShort),
            Self.factor(halfLife: configuration.halfLifeMedium),
            Self.factor(halfLife: configuration.halfLifeLong), 1)
        halfLifeMillis = Double(configuration.halfLifeMillis)
    }

    /// The factors for an access `gap` milliseconds after the last one.
    @inline(__always)
    func factors(gap: Int64) -> Fading {
        var factors = perAccess
        factors[3] = Self.halved(times: Double(gap) / halfLifeMillis)
        return factors
    }

    /// 1 halved `times` times, with a relative error of a millionth at most; the same on every machine.
    static func halved(times: Double) -> Float {
        if times >= 120 { return 0 }
        let whole = times.rounded(.down)
        // exp(-x) by its series: 10 terms leave under 1e-7 for x up to ln 2.
        let x = (times - whole) * 0.693_147_180_559_945_3
        var term = 1.0
        var sum = 1.0
        for i in 1...10 {
            term *= -x / Double(i)
            sum += term
        }
        return Float(Double(sign: .plus, exponent: -Int(whole), significand: sum))
    }

    /// The factor by which a count must be multiplied per access to halve in `halfLife` accesses.
    static func factor(halfLife: Int) -> Float { halved(times: 1 / Double(halfLife)) }
}

/// What is remembered of a customer at one partition it has accessed.
struct Slot: BitwiseCopyable {
    var counts = Fading()
    var partition: PartitionIndex = 0
    var isHigh = false
}
