package import Contracts
package import Routing
internal import Synchronization

/// Routes requests: by a variant of the experiment that runs, or else by the weights that are in force.
package final class RequestRouter: Sendable {
    private let table: RoutingTable
    private let experiments: ExperimentRegister
    private let exposures: ExposureLog?
    private let instance = UInt32.random(in: 1 ... .max)
    private let number = Atomic<UInt64>(0)

    /// Without a log of exposures it takes no part in experiments; what was adopted counts all the same.
    package init(_ table: RoutingTable, _ experiments: ExperimentRegister, _ exposures: ExposureLog?) {
        self.table = table
        self.experiments = experiments
        self.exposures = exposures
    }

    /// Decides for a customer. `time` is now; it is asked for only if an experiment runs.
    package func decide(
        _ customer: RawSpan, _ request: RoutingRequest, cell: String?, at time: @autoclosure () -> EventTime
    ) -> RoutedDecision {
        let (running, weights) = experiments.current
        guard let running, let exposures else {
            return RoutedDecision(decision: table.decide(customer, request, weights), weights: weights)
        }
        let time = time()
        let hash = ByteHash.hash(customer)
        let choice = running.choose(hash, cell: cell, at: time)
        let decision = table.decide(customer, hash: hash, request, choice.weights)
        // Of whom nothing is known, there was nothing to decide.
        if decision.home == nil { return RoutedDecision(decision: decision, weights: choice.weights) }
        exposures.note(customer, choice, of: running, at: time)
        let part = RoutedDecision.Part(
            experiment: running.name, variant: running.variants[choice.variant], cell: choice.cell,
            time: time,
            instance: instance, number: number.add(1, ordering: .relaxed).newValue)
        return RoutedDecision(decision: decision, part: part, weights: choice.weights)
    }

    /// A name for a decision at `time` that has no part in an experiment.
    package func name(at time: EventTime) -> String {
        DecisionName.text(
            instance: instance, number: number.add(1, ordering: .relaxed).newValue, time: time)
    }
}
