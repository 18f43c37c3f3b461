/// Losses of a network's heads, in nats per example.
public struct HeadLosses: Sendable, Equatable {
    /// Mean log loss of `next`.
    public var next = 0.0
    /// Mean log loss of `nextAtTime`.
    public var nextAtTime = 0.0
    /// Cross entropy of `share`, per whole share.
    public var share = 0.0

    /// No loss.
    public init() {}

    /// What training lowers and early stopping compares.
    public var total: Double { next + nextAtTime + share }
}
