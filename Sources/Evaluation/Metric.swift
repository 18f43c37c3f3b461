/// A figure that says how good a predictor is: a measure, over some of the scored events.
public enum Metric: String, Sendable, CaseIterable {
    /// Over all scored events.
    case accuracy, logLoss, brier, ece, accuracyOnChanges, logLossOnChanges
    /// Over those in the second half of the trace.
    case accuracySecondHalf, logLossSecondHalf, brierSecondHalf, eceSecondHalf
    /// Over changes in the second half of the trace.
    case accuracyOnChangesSecondHalf, logLossOnChangesSecondHalf
    /// Over events of customers who have had few so far.
    case accuracyCold, logLossCold

    /// What is measured.
    public enum Measure: Sendable {
        /// The part of events whose class got the highest probability; of equal ones the first class counts.
        case accuracy
        /// The mean of -ln p, p the probability of the class that came, at least `probabilityFloor`. In nats.
        case logLoss
        /// The mean of the squared differences to 1 for the class that came and 0 for the others, summed over
        /// the classes: 0 to 2. Source: Brier, "Verification of Forecasts Expressed in Terms of Probability"
        /// (1950).
        case brier
        /// How far, on average, the confidence of the top class is from how often it is right.
        case ece
    }

    /// What is measured.
    public var measure: Measure {
        switch self {
        case .accuracy, .accuracyOnChanges, .accuracySecondHalf, .accuracyOnChangesSecondHalf, .accuracyCold:
            .accuracy
        case .logLoss, .logLossOnChanges, .logLossSecondHalf, .logLossOnChangesSecondHalf, .logLossCold:
            .logLoss
        case .brier, .brierSecondHalf: .brier
        case .ece, .eceSecondHalf: .ece
        }
    }

    /// Over which events.
    public var scope: Scope {
        switch self {
        case .accuracy, .logLoss, .brier, .ece: .all
        case .accuracyOnChanges, .logLossOnChanges: .changes
        case .accuracySecondHalf, .logLossSecondHalf, .brierSecondHalf, .eceSecondHalf: .secondHalf
        case .accuracyOnChangesSecondHalf, .logLossOnChangesSecondHalf: .changesInSecondHalf
        case .accuracyCold, .logLossCold: .cold
        }
    }

    /// Whether more is better.
    public var isBetterHigh: Bool { measure == .accuracy }

    /// A probability under this counts as this, so that one miss cannot make a loss infinite.
    public static let probabilityFloor = 1e-12
    /// A customer with fewer events so far is cold.
    public static let coldEvents = 5
}

/// Some of the scored events.
public enum Scope: Int, Sendable, CaseIterable {
    /// All that are scored.
    case all
    /// Those whose class is not the one of the customer's latest event.
    case changes
    /// Those in the second half of the trace, counted in events.
    case secondHalf
    /// Changes in the second half.
    case changesInSecondHalf
    /// Those of customers with fewer than `Metric.coldEvents` events so far.
    case cold
}
