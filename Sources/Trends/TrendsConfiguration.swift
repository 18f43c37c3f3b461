/// How the trend aggregator cuts time.
public struct TrendsConfiguration: Sendable, Equatable {
    /// Length of a window in milliseconds. One hour unless told.
    public var windowMillis: Int64 = 3_600_000
    /// How much older than the newest update another may be and still count into its own window, in
    /// milliseconds. One minute unless told.
    public var allowedLatenessMillis: Int64 = 60_000

    /// The defaults.
    public init() {}

    /// Throws if the numbers cannot work. `TrendAggregator` takes only what passes here.
    public func validate() throws(ConfigurationFailure) {
        try ConfigurationFailure.check("windowMillis", windowMillis, 1...(1 << 40))
        try ConfigurationFailure.check("allowedLatenessMillis", allowedLatenessMillis, 0...(1 << 40))
    }
}
