package import Contracts
internal import Experiments
package import Routing

/// What a look-up needs of the experiment that runs: made anew when the experiment changes, so that nobody waits.
package final class RunningExperiment: Sendable {
    package let name: String
    package let variants: [String]
    private let assignment: Assignment
    private let weights: [RoutingWeights]
    /// Those of a switchback.
    private let cells: [String]

    /// Throws if the definition cannot be used. `base` is what variants do not change.
    package init(_ record: ExperimentRecord, over base: RoutingWeights) throws {
        name = record.name
        variants = record.variants.map(\.name)
        var assignment = try Assignment(try record.experiment())
        for decision in try record.shareDecisions() { try assignment.adopt(decision) }
        self.assignment = assignment
        weights = record.variants.map { $0.weights?.over(base) ?? base }
        cells = record.switchback?.cells ?? []
    }

    /// How one request is routed.
    package struct Choice: Sendable {
        package var variant: Int
        package var weights: RoutingWeights
        /// The cell, for a switchback.
        package var cell: String?
        /// Of the same unit one exposure is due.
        package var unit: UInt64
    }

    /// Which variant a request is routed by, of a customer with that `ByteHash`. A cell that is not there counts as the first.
    package func choose(_ customer: UInt64, cell: String?, at time: EventTime) -> Choice {
        let place = cell.flatMap { assignment.experiment.cell(named: $0.utf8Span.span.bytes) } ?? 0
        let (variant, unit) = assignment.assign(customer, cell: place, at: time)
        return Choice(
            variant: variant, weights: weights[variant], cell: cells.isEmpty ? nil : cells[place], unit: unit)
    }
}
