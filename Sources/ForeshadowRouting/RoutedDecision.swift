public import Contracts
public import Routing

/// A decision, and what part it has in an experiment.
public struct RoutedDecision: Sendable {
    /// The decision's part in an experiment.
    public struct Part: Sendable, Equatable {
        /// The experiment.
        public var experiment: String
        /// The variant that decided.
        public var variant: String
        /// Where the request belongs, for a switchback.
        public var cell: String?
        /// When it was decided.
        public var time: EventTime
        let instance: UInt32
        let number: UInt64

        /// The decision's name, by which outcomes refer to it.
        public var id: String { DecisionName.text(instance: instance, number: number, time: time) }
    }

    /// Where to read and write.
    public var decision: Decision
    /// Nil outside of experiments.
    public var part: Part?
    /// What it was decided by.
    public var weights: RoutingWeights
}
