internal import Synchronization

/// What a stage's worker and the rest of the process tell each other: stop, and how far it is.
public final class StageControl<Report: Sendable>: Sendable {
    /// How a stage is doing, as of its last commit.
    public struct Status: Sendable {
        /// The reports of the tasks held here, by task number.
        public var reports: [Int32: Report] = [:]
        /// Records still to be applied to restore state; 0 when live.
        public var restoring: Int64 = 0
        /// Records put out and committed since the start.
        public var committedOutputs = 0
        /// Commits since the start.
        public var commits = 0
        /// How often the worker had to be made anew.
        public var restarts = 0
    }

    private let stopping = Atomic(false)
    private let state = Mutex(Status())

    /// A control that does not stop yet.
    public init() {}

    /// Whether the stage was told to stop.
    public var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Tells the worker to commit, to leave the group and to return.
    public func stop() { stopping.store(true, ordering: .releasing) }

    /// How the stage is doing.
    public var status: Status { state.withLock { $0 } }

    func publish(_ reports: [(Int32, Report)], restoring: Int64) {
        state.withLock { state in
            state.reports = Dictionary(uniqueKeysWithValues: reports)
            state.restoring = restoring
        }
    }

    func addCommitted(outputs: Int) {
        state.withLock { state in
            state.committedOutputs += outputs
            state.commits += 1
        }
    }

    func addRestart() { state.withLock { $0.restarts += 1 } }
}
