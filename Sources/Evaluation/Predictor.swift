public import Contracts

/// What a predictor is asked: where will this customer's next event be?
public struct PredictionQuery: Sendable, Equatable {
    /// The customer: its place in the trace's list. It has had at least one event.
    public var customer: Int
    /// When the event to predict happens, where predictors may know; nil where they must not.
    public var time: EventTime?
    /// The event to predict: its place in the trace, from 0. For predictors that change at some place, such as
    /// one that learns from the first half only.
    public var index: Int

    /// Makes a query from its parts.
    public init(customer: Int, time: EventTime? = nil, index: Int) {
        self.customer = customer
        self.time = time
        self.index = index
    }
}

/// Something that predicts the class of a customer's next event and learns from every event.
///
/// The trace's events come in their order: `predict` before each event that is scored, never of a customer
/// whose first event that would be, and `learn` with every event.
///
/// A predictor may give several predictions at once, each under its own name: a mixture beside its experts,
/// say. They share what they have learned.
public protocol Predictor {
    /// The names of its predictions, at least one, and none that another predictor has. They never change.
    var names: [String] { get }

    /// Writes a probability per class for each name into `rows`, which holds `names.count` rows of as many
    /// numbers as there are classes, one row after the other. Each row sums to 1 but for rounding.
    ///
    /// What stands in `rows` before is left from another prediction.
    mutating func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>)

    /// The names under which it forecasts the share too; empty if it does not. They never change.
    var shareNames: [String] { get }

    /// Writes the discounted share of each class in the customer's coming events, for each name of
    /// `shareNames`, as `predict` does. Comes right after `predict` with the same query.
    mutating func predictShare(_ query: PredictionQuery, into rows: inout MutableSpan<Double>)

    /// Learns from an event.
    mutating func learn(_ event: EvaluationTrace.Event)
}

/// A predictor of the next event alone.
extension Predictor {
    /// None.
    public var shareNames: [String] { [] }
    /// There is nothing to write.
    public mutating func predictShare(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {}
}
