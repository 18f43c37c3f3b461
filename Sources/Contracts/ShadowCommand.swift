/// Where a shadow is in its life.
public enum Phase: String, Sendable, CaseIterable {
    /// The data plane is asked to prepare the target and to copy the cohort's data.
    case provisioning
    /// The copy is complete and follows its source.
    case populated
    /// Writes for the cohort go to source and target.
    case dualWriting = "dual-writing"
    /// A part of the cohort's customers read from the target.
    case ramping
    /// All of the cohort's customers read from the target; writes still go to both, so that it can be undone.
    case promoted
    /// Reads go back to the source.
    case rollingBack = "rolling-back"
    /// The shadow is gone.
    case retired
}

/// What a command announces. The state it carries says the rest.
public enum CommandType: String, Sendable, CaseIterable {
    /// Prepare the target and copy the cohort's data.
    case provision = "shadow-provision"
    /// Start writing to both.
    case activation = "shadow-activation"
    /// Change the share of the cohort's customers that read from the target.
    case readRoutingShift = "read-routing-shift"
    /// The target now serves all of the cohort's reads.
    case promotion = "shadow-promotion"
    /// Go back to the source.
    case rollback = "shadow-rollback"
    /// Drop the copy.
    case retirement = "shadow-retirement"
    /// By an operator's order: nothing goes on by itself.
    case pause = "shadow-pause"
    /// By an operator's order: it goes on by itself again.
    case resume = "shadow-resume"
    /// By an operator's order: falling demand does not end it.
    case pin = "shadow-pin"
    /// By an operator's order: falling demand may end it again.
    case unpin = "shadow-unpin"
}

/// One figure a decision rests on, beside the threshold it was held against.
public struct Evidence: Sendable, Equatable {
    /// What was measured: `share`, `anticipatedVolume`, `errorRate`, `latencyP99Micros`, ...
    public var figure: String
    /// The value measured, in thousandths of the figure's unit.
    public var valueMilli: Int64
    /// The threshold, in the same unit.
    public var thresholdMilli: Int64

    /// Names a figure, its value and its threshold.
    public init(figure: String, valueMilli: Int64, thresholdMilli: Int64) {
        self.figure = figure
        self.valueMilli = valueMilli
        self.thresholdMilli = thresholdMilli
    }
}

/// What `partition-commands` carries: a shadow's whole new state.
///
/// A consumer that sees only the newest command of a shadow is right; one that sees commands twice or out of
/// order ignores every epoch that is not above the one it holds.
public struct ShadowCommand: Sendable, Equatable {
    /// What is announced.
    public var type: CommandType
    /// The partition the cohort's data is in.
    public var source: PartitionIndex
    /// The partition the shadow is in.
    public var target: PartitionIndex
    /// Rises by one with every command of this shadow.
    public var epoch: UInt64
    /// The new phase.
    public var phase: Phase
    /// Share of the cohort's customers that read from the target, in thousandths.
    public var readShareMilli: Int64
    /// Whether writes for the cohort go to both.
    public var dualWrite: Bool
    /// Whether an operator paused it: it takes no step by itself but back.
    public var isPaused: Bool
    /// Whether an operator pinned it: falling demand does not end it.
    public var isPinned: Bool
    /// The operator's order that led here; nil if the planner decided by itself.
    public var order: OrderNote?
    /// Customers in the cohort.
    public var cohortSize: Int64
    /// The cohort's share of the customers of its home, in thousandths.
    public var cohortShareMilli: Int64
    /// Figures and thresholds that led here.
    public var evidence: [Evidence]
    /// Start of the window that led here.
    public var windowStart: EventTime
    /// End (exclusive) of that window.
    public var windowEnd: EventTime

    /// Makes a command from its parts.
    public init(
        type: CommandType, source: PartitionIndex, target: PartitionIndex, epoch: UInt64, phase: Phase,
        readShareMilli: Int64, dualWrite: Bool, isPaused: Bool = false, isPinned: Bool = false,
        order: OrderNote? = nil, cohortSize: Int64, cohortShareMilli: Int64,
        evidence: [Evidence], windowStart: EventTime, windowEnd: EventTime
    ) {
        self.type = type
        self.source = source
        self.target = target
        self.epoch = epoch
        self.phase = phase
        self.readShareMilli = readShareMilli
        self.dualWrite = dualWrite
        self.isPaused = isPaused
        self.isPinned = isPinned
        self.order = order
        self.cohortSize = cohortSize
        self.cohortShareMilli = cohortShareMilli
        self.evidence = evidence
        self.windowStart = windowStart
        self.windowEnd = windowEnd
    }
}
