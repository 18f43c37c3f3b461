public import Streams

/// What a simulation is made of; all drawn from its seed, so that a seed is a whole run.
public struct SimulationPlan: Sendable {
    /// The seed.
    public var seed: UInt64
    /// Processes that run the stage.
    public var processes: Int
    /// Tasks.
    public var tasks: Int32
    /// Records that come from upstream, profiles among them.
    public var records: Int
    /// How many keys they have.
    public var keys: Int
    /// One call in this many has a fault, on average; nil: none.
    public var faultEvery: Int?
    /// Copies of state beside the one at work.
    public var standbys: Int
    /// Whether markers of decided transactions take their time.
    public var delaysMarkers: Bool
    /// Whether the group refuses a transaction's offsets while it is being shared out; clusters differ.
    public var refusesOffsetsWhileSharingOut: Bool
    /// After so many milliseconds of silence a member is out of the group.
    public var sessionTimeout: Int64
    /// So often a member hears what its group is up to, in milliseconds; 0: always.
    public var heartbeatInterval: Int64
    /// Exactly or at least once.
    public var guarantee: StreamConfiguration.Guarantee
    /// A mistake built in on purpose.
    public var bug: PlantedBug?

    /// The plan of a seed.
    public init(seed: UInt64, bug: PlantedBug? = nil) {
        var choices = SeededChoices(seed: seed)
        self.seed = seed
        self.bug = bug
        processes = choices.number(1...3)
        tasks = Int32(choices.number(1...3))
        records = choices.number(20...120)
        keys = choices.number(1...8)
        faultEvery = [nil, 200, 60, 25][choices.number(0...3)]
        standbys = choices.once(in: 3) ? 1 : 0
        delaysMarkers = choices.once(in: 2)
        refusesOffsetsWhileSharingOut = choices.once(in: 2)
        sessionTimeout = [6_000, 10_000, 45_000][choices.number(0...2)]
        heartbeatInterval = choices.once(in: 2) ? 3_000 : 0
        guarantee = choices.once(in: 6) ? .atLeastOnce : .exactlyOnce
        if bug != nil { guarantee = .exactlyOnce }
    }
}
