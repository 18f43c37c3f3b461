package import Routing
internal import Synchronization

/// By which weights everybody is routed, and which experiment runs: the fold of `routing-experiments`.
///
/// One runs at a time; of several that say so, the one that was started first. The weights of the one that was adopted
/// last are what everybody is routed by.
package final class ExperimentRegister: Sendable {
    private let configured: RoutingWeights
    private let records = Mutex<[String: ExperimentRecord]>([:])
    /// Behind a lock of its own, so that no decision waits for a record. Set with `records` locked.
    private let routing: Mutex<(running: RunningExperiment?, weights: RoutingWeights)>

    /// Knows of no experiment yet: everybody is routed by the weights as configured.
    package init(_ configured: RoutingWeights) {
        self.configured = configured
        routing = Mutex((nil, configured))
    }

    /// How requests are routed now.
    package var current: (running: RunningExperiment?, weights: RoutingWeights) {
        routing.withLock { $0 }
    }

    /// Takes over a definition or state; false if a newer one is known. Throws if it cannot be used.
    package func apply(_ record: ExperimentRecord) throws -> Bool {
        _ = try record.experiment()
        return try records.withLock { records in
            if let known = records[record.name], known.epoch >= record.epoch { return false }
            var next = records
            next[record.name] = record
            try settle(Array(next.values))
            records = next
            return true
        }
    }

    /// Forgets all experiments: everybody is routed by the weights as configured.
    package func removeAll() {
        records.withLock { records in
            records = [:]
            routing.withLock { $0 = (nil, configured) }
        }
    }

    /// Finds out anew how requests are routed.
    private func settle(_ records: [ExperimentRecord]) throws {
        let adopted = records.filter { $0.state == .adopted }
            .max { ($0.decidedAt, $0.name) < ($1.decidedAt, $1.name) }
        let weights = adopted.flatMap { record in record.variants.first { $0.name == record.adopted }?.weights
        }
        let base = weights?.over(configured) ?? configured
        let next = try Self.running(records).map { try RunningExperiment($0, over: base) }
        routing.withLock { $0 = (next, base) }
    }

    /// Of those that say they run, the one that was started first.
    private static func running(_ records: [ExperimentRecord]) -> ExperimentRecord? {
        records.filter { $0.state == .running }.min { ($0.startedAt, $0.name) < ($1.startedAt, $1.name) }
    }

    /// The newest record of an experiment.
    package func record(_ name: String) -> ExperimentRecord? { records.withLock { $0[name] } }

    /// The newest records of all.
    package var all: [ExperimentRecord] { records.withLock { Array($0.values) } }
}
