public import Contracts

/// A shadow as the planner sees it after the last window it planned, for display.
public struct ShadowState: Sendable, Equatable {
    /// The partition the cohort's data is in.
    public let source: PartitionIndex
    /// The partition the shadow is in.
    public let target: PartitionIndex
    /// Of the shadow's last command.
    public let epoch: UInt64
    /// The phase; may be `populated`, which no command announces.
    public let phase: Phase
    /// End of the window that brought the phase.
    public let since: EventTime
    /// Share of the cohort's customers that read from the target, in thousandths.
    public let readShareMilli: Int64
    /// Whether writes for the cohort go to both.
    public let dualWrite: Bool
    /// Whether an operator paused it.
    public let isPaused: Bool
    /// Whether an operator pinned it.
    public let isPinned: Bool
    /// Whether it takes no step of its ramp because it must rest from its last turn: nothing is wrong.
    public let isResting: Bool
    /// Customers in the cohort now.
    public let cohortSize: Int64
    /// The cohort's share of the customers of its home now, in thousandths.
    public let cohortShareMilli: Int64

    /// Nil if the pair never had a shadow.
    init?(_ pair: Pair, _ measurement: Measurement, _ configuration: PlannerConfiguration) {
        guard let phase = pair.life.phase else { return nil }
        source = pair.source
        target = pair.target
        epoch = pair.epoch
        self.phase = phase
        since = pair.since
        readShareMilli = pair.life.readShareMilli
        dualWrite = pair.life.dualWrite
        isPaused = pair.hold.isPaused
        isPinned = pair.hold.isPinned
        isResting = pair.isResting(configuration)
        cohortSize = measurement.cohort
        cohortShareMilli = measurement.shareMilli
    }
}

extension Pair {
    /// Whether its ramp waits for nothing but its rest: to go up again after a step back, or to be given up.
    func isResting(_ configuration: PlannerConfiguration) -> Bool {
        guard case .ramping(_, _, let course) = life, hold.rest > 0 else { return false }
        return course != .rising || (demand.leaveHeld(configuration) && !hold.isPinned)
    }
}
