/// What `model-quality` carries: how good the forecasts of the very next access were that one task had made, over the
/// accesses of one window. Each access is scored before it is learned from.
///
/// A window in which the model was switched has a record for each model.
public struct ModelQuality: Sendable, Equatable {
    /// Accesses whose forecasts gave their most likely partition about the same probability.
    public struct Bin: Sendable, Equatable {
        /// How many there were.
        public var count: Int64
        /// The mean of those probabilities, in millionths; 0 where there were none.
        public var confidenceMicro: Int64
        /// How many came from the partition that was said to be the most likely.
        public var hits: Int64

        /// Makes a bin from its parts.
        public init(count: Int64 = 0, confidenceMicro: Int64 = 0, hits: Int64 = 0) {
            self.count = count
            self.confidenceMicro = confidenceMicro
            self.hits = hits
        }
    }

    /// How many bins of equal width there are from probability 0 to 1; 1 itself is in the last.
    public static let binCount = 10
    /// The longest name of a model that is read, in bytes of UTF-8.
    public static let modelBytesMax = 1_024

    /// The topic partition of `interactions` whose task made the forecasts; also the record's key.
    public var source: Int32
    /// Start of the window.
    public var windowStart: EventTime
    /// End (exclusive) of the window.
    public var windowEnd: EventTime
    /// What made the forecasts, as vectors name it.
    public var model: String
    /// How many accesses were scored; a customer's first has no forecast.
    public var accesses: Int64
    /// Mean of -ln of the probability that was given to what was accessed, in millionths of a nat.
    public var logLossMicro: Int64
    /// The same of a simple rule: one probability for staying where the customer was last, the rest in equal parts for
    /// all other partitions, with the probability that in hindsight was best for these accesses.
    public var baselineLogLossMicro: Int64
    /// `binCount` bins, by the probability of what was said to be the most likely.
    public var calibration: [Bin]

    /// Makes a record from its parts.
    public init(
        source: Int32, windowStart: EventTime, windowEnd: EventTime, model: String, accesses: Int64,
        logLossMicro: Int64, baselineLogLossMicro: Int64, calibration: [Bin]
    ) {
        self.source = source
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.model = model
        self.accesses = accesses
        self.logLossMicro = logLossMicro
        self.baselineLogLossMicro = baselineLogLossMicro
        self.calibration = calibration
    }

    /// Expected calibration error, 0 to 1: how far hits are from what was said, in the mean over the accesses; 0
    /// where there are none.
    ///
    /// The sum over the bins of count / total x |hits / count - mean confidence| (Naeini, Cooper and Hauskrecht 2015,
    /// "Obtaining well calibrated probabilities using Bayesian binning").
    public var expectedCalibrationError: Double {
        let total = calibration.reduce(0) { $0 + Double($1.count) }
        if total == 0 { return 0 }
        let off = calibration.reduce(0) {
            $0 + abs(Double($1.hits) - Double($1.count) * Double($1.confidenceMicro) / 1_000_000)
        }
        return off / total
    }
}
