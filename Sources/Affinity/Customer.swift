import Contracts

/// All that is remembered of a customer, but for its bytes, its last published vector and its forecast.
struct Customer {
    /// What each expert of `next` counts for.
    var nextWeights: SIMD16<Float> = .zero
    /// What each expert of `share` counts for.
    var shareWeights: SIMD8<Float> = .zero

    /// The sums of the slots' counts.
    var mass = Fading()
    /// Smoothed bytes per access, of the accesses that said how many.
    var bytes: Float = 0
    /// Smoothed log loss of the forecasts of its accesses, in nats.
    var surprise: Float = Customer.firstSurprise
    /// Smoothed milliseconds between accesses.
    var gap: Double = 0

    var lastTime: EventTime = 0
    /// The boundary at which the silence alarm is set.
    var wakeAt: EventTime = Customer.never
    /// Milliseconds between the last two accesses.
    var lastGap: Int64 = 0

    var slots = Block()
    var transitions = Block()
    var contexts = Block()
    var hours = Block()
    var ids = Block()

    /// Published changes so far.
    var sequence: UInt64 = 0
    var publishedRateMilli: Int64 = 0
    var publishedVolume: Int64 = 0
    var publishedTopNext: PartitionIndex = 0
    var publishedTopShare: PartitionIndex = 0

    var accesses: UInt32 = 0
    /// How many of the latest accesses were all at `last`.
    var run: UInt32 = 0
    /// The region and domain of the last access, as one hash.
    var place: UInt32 = 0
    /// The kind of the last access.
    var kind: UInt32 = 0
    /// Where the oldest id is in `ids`, once they are full.
    var oldestId: UInt16 = 0
    var home: PartitionIndex = 0
    /// The partition of the last access; home before any.
    var last: PartitionIndex = 0
    /// The partition of the access before; home before any.
    var second: PartitionIndex = 0
    /// The part of the week in which the last access fell.
    var weekPart: UInt8 = 0
    var stage = Stage.new
    var publishedStage = Stage.new
    /// Whether it is among those to be saved.
    var isChanged = false

    /// No alarm is set.
    static let never = EventTime.max
    /// What is assumed of a customer whose forecasts were not scored yet.
    static let firstSurprise: Float = 0.7
}
