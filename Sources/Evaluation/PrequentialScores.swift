/// An event that was scored, and which scopes it is in.
public struct ScoredEvent: Sendable, Equatable {
    /// Its place in the trace.
    public var index: Int32
    /// Whose event it is.
    public var customer: Int32
    /// Whether its class is not the one of the customer's latest event.
    public var isChange: Bool
    /// Whether it is in the second half of the trace.
    public var isInSecondHalf: Bool
    /// Whether the customer had few events so far.
    public var isCold: Bool

    /// Whether the event belongs to `scope`.
    public func isIn(_ scope: Scope) -> Bool {
        switch scope {
        case .all: true
        case .changes: isChange
        case .secondHalf: isInSecondHalf
        case .changesInSecondHalf: isChange && isInSecondHalf
        case .cold: isCold
        }
    }
}

/// What one prediction was worth.
public struct Score: Sendable, Equatable {
    /// Minus the logarithm of the probability of the class that came, in nats.
    public var logLoss: Float
    /// The squared differences to what came, summed over the classes.
    public var brier: Float
    /// The highest probability of any class.
    public var confidence: Float
    /// Whether the class that came got it.
    public var isHit: Bool
}

/// What a predictor's predictions were worth, in the order of the scored events.
public struct ModelScores: Sendable {
    /// The predictor's name.
    public let name: String
    /// A score per scored event.
    public internal(set) var scores: [Score] = []
}

/// What prequential evaluation found: a score per scored event and model.
public struct PrequentialScores: Sendable {
    /// The scored events, in the order of the trace.
    public internal(set) var events: [ScoredEvent] = []
    /// The models, in the order of the predictors and their names.
    public internal(set) var models: [ModelScores]
    /// How many events the trace has, scored or not.
    public let traceEvents: Int
    /// What forecasts of the share were worth, in the order of the predictors and their names; empty if none
    /// were asked for.
    public internal(set) var shares: [ShareScores] = []
    /// How much less each further event ahead counts in the share.
    public internal(set) var shareDiscount: Double?

    /// The part of scored events that are changes.
    public var changeShare: Double {
        events.isEmpty ? 0 : Double(events.count { $0.isChange }) / Double(events.count)
    }
}
