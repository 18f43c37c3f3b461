internal import Synchronization

/// What one worker sees of its stage's control. A worker that was abandoned, because it hung, has no part in the
/// stage any more: whatever it does once its call returns is seen by nobody.
package final class WorkerControl<Report: Sendable>: Sendable {
    private let stage: StageControl<Report>
    private let abandoned = Atomic(false)

    /// For the next worker of a stage.
    package init(_ stage: StageControl<Report>) { self.stage = stage }

    /// Whether another worker has taken this one's place.
    var isAbandoned: Bool { abandoned.load(ordering: .acquiring) }

    /// From now on the worker has no part in the stage.
    func abandon() { abandoned.store(true, ordering: .releasing) }

    /// Whether the worker is to end.
    package var isStopping: Bool { isAbandoned || stage.isStopping }

    /// The worker goes round its loop.
    func turn() { if !isAbandoned { stage.turn() } }

    /// The worker got on: it committed, restored some more, or has nothing to do.
    func advanced() { if !isAbandoned { stage.advanced() } }

    func update(_ change: (inout StageControl<Report>.Status) -> Void) {
        if !isAbandoned { stage.update(change) }
    }
}
