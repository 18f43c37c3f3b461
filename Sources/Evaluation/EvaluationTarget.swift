/// What of the same customer's next event is to be predicted.
public enum EvaluationTarget: String, Sendable, CaseIterable {
    /// The region it comes from.
    case region
    /// The function it belongs to.
    case domain
    /// Both at once, as `region|domain`.
    case pair
}

/// How many classes are told apart; the rarer ones are `other`.
public struct ClassLimits: Sendable, Equatable {
    /// The most regions.
    public var regions = 24
    /// The most domains.
    public var domains = 12
    /// The most pairs of a region and a domain.
    public var pairs = 100

    /// The defaults.
    public init() {}
}
