import Contracts

/// Counts of accesses that fade with each further access, at three half-lives.
struct Fading: BitwiseCopyable {
    var short: Float = 0
    var medium: Float = 0
    var long: Float = 0

    /// Multiplies each count by its factor in `by`.
    @inline(__always)
    mutating func fade(_ by: Fading) {
        short *= by.short
        medium *= by.medium
        long *= by.long
    }

    /// Adds one access.
    @inline(__always)
    mutating func add() {
        short += 1
        medium += 1
        long += 1
    }

    /// The factor by which a count must be multiplied per access to halve in `halfLife` accesses.
    ///
    /// Found by bisection with multiplications alone, so that it is the same on every machine.
    static func factor(halfLife: Int) -> Float {
        var low = 0.0
        var high = 1.0
        for _ in 0..<53 {
            let middle = (low + high) / 2
            if power(middle, halfLife) < 0.5 { low = middle } else { high = middle }
        }
        return Float(high)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}

/// What is remembered of a customer at one partition it has accessed.
struct Slot: BitwiseCopyable {
    var counts = Fading()
    var partition: PartitionIndex = 0
    var isHigh = false
}

/// All that is remembered of a customer, but for its bytes and its last published vector.
struct Customer {
    var nextWeights: SIMD8<Float> = .zero
    var shareWeights: SIMD4<Float> = .zero

    /// The sums of the slots' counts.
    var mass = Fading()
    /// Smoothed bytes per access, of the accesses that said how many.
    var bytes: Float = 0
    /// Smoothed milliseconds between accesses.
    var gap: Double = 0

    var lastTime: EventTime = 0
    /// The boundary at which the silence alarm is set.
    var wakeAt: EventTime = Customer.never

    var slots = Block()
    var transitions = Block()
    var hours = Block()
    var ids = Block()

    /// Published changes so far.
    var sequence: UInt64 = 0
    var publishedRateMilli: Int64 = 0
    var publishedVolume: Int64 = 0
    var publishedTopNext: PartitionIndex = 0
    var publishedTopShare: PartitionIndex = 0

    var accesses: UInt32 = 0
    /// Where the oldest id is in `ids`, once they are full.
    var oldestId: UInt16 = 0
    var home: PartitionIndex = 0
    /// The partition of the last access; home before any.
    var last: PartitionIndex = 0
    /// The hour of the week of the last access.
    var hour: UInt16 = 0
    var stage = Stage.new
    var publishedStage = Stage.new
    /// Whether it is among those to be saved.
    var isChanged = false

    /// No alarm is set.
    static let never = EventTime.max
}
