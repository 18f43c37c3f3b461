public import Affinity
public import Contracts
public import Trends

/// What the stages compute with: everything that changes results, and nothing that does not.
public struct PipelineConfiguration: Sendable, Equatable {
    /// What an interaction may look like.
    public var limits = InteractionLimits()
    /// The affinity engine.
    public var affinity = AffinityConfiguration()
    /// Windows and lateness of the trend aggregator.
    public var trends = TrendsConfiguration()
    /// Thresholds and life cycle.
    public var planner = PlannerConfiguration()

    /// The defaults.
    public init() {}

    /// Windows of one length everywhere, in milliseconds.
    public var windowMillis: Int64 {
        get { trends.windowMillis }
        set {
            trends.windowMillis = newValue
            affinity.windowMillis = newValue
            planner.windowMillis = newValue
        }
    }

    /// Throws what is wrong with it.
    public func validate() throws {
        try affinity.validate()
        try trends.validate()
        try planner.validate()
    }
}
