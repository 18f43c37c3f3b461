internal import Synchronization

/// What a stage's worker and the rest of the process tell each other: stop, and how it is doing.
public final class StageControl<Report: Sendable>: Sendable {
    /// What a worker is busy with.
    public enum Phase: String, Sendable {
        /// It has no part in the group yet, or its part is being changed.
        case joining
        /// It is reading the state of its tasks.
        case restoring
        /// It is up to date with what was committed before it took over.
        case running
        /// The cluster takes nothing at the moment; nothing is lost, and it goes on by itself.
        case stalled
        /// It has left the group.
        case stopped
    }

    /// How a stage is doing, as of its last commit.
    public struct Status: Sendable {
        /// What the worker is busy with.
        public var phase = Phase.joining
        /// The reports of the tasks held here, by task number.
        public var reports: [Int32: Report] = [:]
        /// Entries of state read from snapshots since the start.
        public var restoredEntries = 0
        /// Entries per second of the last restore from snapshots.
        public var restoredPerSecond = 0.0
        /// Records still to be applied to restore state; 0 when live.
        public var restoring: Int64 = 0
        /// Records put out and committed since the start.
        public var committedOutputs = 0
        /// Commits since the start.
        public var commits = 0
        /// How often the worker had to be made anew.
        public var restarts = 0
        /// How many of these had to be left behind, because they did not return from a call or made no progress.
        public var replacements = 0
        /// Input records that were gone before they were read, and those that a new log made be read again.
        public var lostRecords: Int64 = 0
        /// Input records read again because their log was replaced.
        public var rereadRecords: Int64 = 0
        /// Tasks of other workers whose state is followed here.
        public var standbys = 0

        /// Whether the stage does its work: false while it joins, restores or gives topic partitions away.
        public var isReady: Bool { phase == .running || phase == .stalled }
    }

    private let stopping = Atomic(false)
    private struct Times {
        var turned: ContinuousClock.Instant
        var advanced: ContinuousClock.Instant
        var answersSince: ContinuousClock.Instant?
    }

    private let times: Mutex<Times>
    private let state = Mutex(Status())

    /// A control that does not stop yet.
    public init() {
        let now = ContinuousClock.now
        times = Mutex(Times(turned: now, advanced: now))
    }

    /// Whether the stage was told to stop.
    public var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Tells the worker to commit, to leave the group and to return.
    public func stop() { stopping.store(true, ordering: .releasing) }

    /// How the stage is doing.
    public var status: Status { state.withLock { $0 } }

    /// When the worker last went round its loop. Every call it makes is bounded in time, whatever the cluster
    /// does; so a worker that has not for long is stuck.
    public var lastAlive: ContinuousClock.Instant { times.withLock { $0.turned } }

    /// For how long the stage has made no progress although the cluster answers; zero while it does, has nothing to
    /// do, or the cluster does not answer.
    public func stuck(at now: ContinuousClock.Instant = .now) -> Duration {
        times.withLock { times in
            guard let since = times.answersSince else { return .zero }
            return max(.zero, now - max(times.advanced, since))
        }
    }

    /// For how long the stage has made no progress, whatever the reason.
    func idle(at now: ContinuousClock.Instant = .now) -> Duration {
        times.withLock { now - $0.advanced }
    }

    func turn() { times.withLock { $0.turned = .now } }

    /// The stage got on, or has nothing to do.
    func advanced() { times.withLock { $0.advanced = .now } }

    /// A new worker begins; how long the stage has been stuck goes on to count.
    func began() { times.withLock { $0.turned = .now } }

    /// Whether the cluster answers, as of now.
    func clusterAnswers(_ answers: Bool) {
        times.withLock { $0.answersSince = answers ? $0.answersSince ?? .now : nil }
    }

    func update(_ change: (inout Status) -> Void) {
        state.withLock { change(&$0) }
    }
}
