/// One of the ways to route that an experiment compares.
public struct Variant: Sendable, Equatable {
    /// Its name: 1 to 100 bytes, and what outcomes say they were routed by.
    public var name: String
    /// Its share of the units, in thousandths.
    public var shareMilli: Int64

    /// A variant with that share.
    public init(_ name: String, shareMilli: Int64) {
        self.name = name
        self.shareMilli = shareMilli
    }
}

/// What is compared, by what, and how sure one must be.
///
/// The unit that is randomised is a customer, with `switchback` a cell for the time of a block, with `bandit` a
/// customer for as long as the same shares are in force.
public struct Experiment: Sendable, Equatable {
    /// Its name: 1 to 100 bytes. It salts the assignment, so that experiments do not depend on each other.
    public var name: String
    /// What is compared: 2 to 16, the first is the control. The shares sum to 1,000.
    public var variants: [Variant]
    /// What decides.
    public var goal: Metric
    /// What must not be harmed.
    public var guards: [GuardMetric]
    /// The chance that equal variants are ever taken for different, over all looks and all variants.
    public var alpha = 0.05
    /// The effect that it is planned for, in parts of the control's mean: at about this size the evidence grows
    /// fastest. Others are found too, later.
    public var plannedEffect = 0.05
    /// How many units with outcomes control and variant must both have before there is a verdict: under that the
    /// normal approximation is not to be trusted.
    public var minimumUnits: Int64 = 100
    /// Latencies above count as this, in microseconds: one stuck request should not decide.
    public var latencyLimitMicros: Int64 = 60_000_000
    /// Set if whole cells switch over time, because customers share what they wait for.
    public var switchback: Switchback?
    /// Set if the shares follow the evidence.
    public var bandit: Bandit?
    /// Whether what is proposed may be adopted without a person.
    public var adoptsAutomatically = false

    /// An experiment with the defaults for all that is not named.
    public init(_ name: String, variants: [Variant], goal: Metric, guards: [GuardMetric] = []) {
        self.name = name
        self.variants = variants
        self.goal = goal
        self.guards = guards
    }

    /// The place of the variant of that name, or nil.
    public func variant(named name: RawSpan) -> Int? {
        variants.firstIndex { Self.holds($0.name, name) }
    }

    /// The place of the cell of that name, or nil.
    public func cell(named name: RawSpan) -> Int? {
        switchback?.cells.firstIndex { Self.holds($0, name) }
    }

    private static func holds(_ text: String, _ bytes: RawSpan) -> Bool {
        var at = 0
        for byte in text.utf8 {
            if at >= bytes.byteCount || bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self) != byte {
                return false
            }
            at += 1
        }
        return at == bytes.byteCount
    }
}

/// Randomises cells by time instead of customers: for routing that changes the load, and so the latency, of
/// customers under the other variant too.
public struct Switchback: Sendable, Equatable {
    /// How long a cell keeps its variant, in milliseconds. Blocks begin at multiples of it.
    public var blockMillis: Int64
    /// How long after a block begins its outcomes are not used: what the variant before left has yet to drain.
    public var settleMillis: Int64
    /// What switches for itself: places that share no load. With one cell all switch at once. 1 to 1,000.
    public var cells: [String]

    /// Cells that switch, or stay, every `blockMillis`.
    public init(blockMillis: Int64, settleMillis: Int64 = 0, cells: [String]) {
        self.blockMillis = blockMillis
        self.settleMillis = settleMillis
        self.cells = cells
    }
}

/// Lets the shares follow the evidence, by Thompson sampling at the end of a window.
public struct Bandit: Sendable, Equatable {
    /// The share that the control keeps in any case, in thousandths.
    public var controlShareMilli: Int64
    /// The share that every other variant keeps, in thousandths: what has no customers is not measured.
    public var leastShareMilli: Int64
    /// How long shares hold at the least, in milliseconds. Windows begin at multiples of it.
    public var windowMillis: Int64

    /// A bandit over windows of that length.
    public init(controlShareMilli: Int64 = 100, leastShareMilli: Int64 = 10, windowMillis: Int64) {
        self.controlShareMilli = controlShareMilli
        self.leastShareMilli = leastShareMilli
        self.windowMillis = windowMillis
    }

    /// The number of the window that `time` lies in.
    public func window(at time: Int64) -> Int64 { EventGrid.place(of: time, length: windowMillis) }
}

/// Event time in pieces of one length.
enum EventGrid {
    /// The number of the piece that `time` lies in; also before 1970.
    static func place(of time: Int64, length: Int64) -> Int64 {
        let (quotient, rest) = time.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? quotient - 1 : quotient
    }
}
