public import Contracts

/// Shares that hold from a window on.
///
/// It is written to the log before the window begins, and every instance takes it from there: what an instance has
/// seen of the outcomes depends on how far it has read.
public struct ShareDecision: Sendable, Equatable {
    /// The window they hold from, until the next decision.
    public var window: Int64
    /// One share a variant, in thousandths; they sum to 1,000.
    public var sharesMilli: [Int64]

    /// Shares from that window on.
    public init(window: Int64, sharesMilli: [Int64]) {
        self.window = window
        self.sharesMilli = sharesMilli
    }
}

/// Who is routed by which variant: a stable hash of the unit, salted by the experiment's name.
///
/// Under a bandit, units are drawn anew for each decision about the shares. If they kept their hash, who was lucky
/// under the old shares would be over-represented under the new ones, and the estimates would be biased.
public struct Assignment: Sendable {
    /// How many decisions are remembered. Before the oldest of them, its shares count.
    public static let spansMax = 64

    /// What is assigned.
    public let experiment: Experiment
    private let cells: [UInt64]
    private let blockMillis: Int64?
    private let windowMillis: Int64?
    private let salt: UInt64
    /// Those of the shares as configured.
    private let slots: Slots
    private(set) var spans: [Span]
    /// How many spans were forgotten.
    private(set) var firstSpan = 0

    /// The time during which the same shares hold.
    struct Span: Sendable {
        var window: Int64
        var sharesMilli: [Int64]
        var slots: Slots
        var salt: UInt64
    }

    /// A unit, the span it is in and the variant it has.
    struct Place {
        var unit: UInt64
        var span: Int
        var variant: Int
    }

    /// Throws what `Experiment.validate()` throws.
    public init(_ experiment: Experiment) throws(ExperimentFailure) {
        try experiment.validate()
        self.experiment = experiment
        salt = Self.hash(experiment.name)
        blockMillis = experiment.switchback?.blockMillis
        windowMillis = experiment.bandit?.windowMillis
        cells = experiment.switchback?.cells.map { Self.hash($0) } ?? []
        let shares = experiment.variants.map(\.shareMilli)
        slots = Slots(sharesMilli: shares)
        spans = [Span(window: .min, sharesMilli: shares, slots: slots, salt: salt)]
    }

    /// The variant's place: 0 is the control. `cell` is where the request belongs before it is routed; it counts
    /// for a switchback only, and one that is not there counts as the first.
    public func variant(of customer: RawSpan, cell: Int = 0, at time: EventTime) -> Int {
        place(of: ByteHash.hash(customer), cell: cell, at: time).variant
    }

    /// Names what `customer` is a unit of at `time`: an exposure is due once for each.
    public func unit(of customer: RawSpan, cell: Int = 0, at time: EventTime) -> UInt64 {
        assign(ByteHash.hash(customer), cell: cell, at: time).unit
    }

    /// Both for a customer with that `ByteHash` of its name.
    public func assign(_ customer: UInt64, cell: Int, at time: EventTime) -> (variant: Int, unit: UInt64) {
        let place = place(of: customer, cell: cell, at: time)
        return (place.variant, Self.hash(spans[place.span - firstSpan].salt, place.unit))
    }

    /// The shares in force at `time`, in thousandths.
    public func sharesMilli(at time: EventTime) -> [Int64] { spans[index(at: time)].sharesMilli }

    /// Takes in a decision about the shares of a bandit. After an error nothing has changed.
    public mutating func adopt(_ decision: ShareDecision) throws(ExperimentFailure) {
        guard let bandit = experiment.bandit else { throw .sharesFixed }
        try experiment.validate(sharesMilli: decision.sharesMilli)
        if decision.sharesMilli[0] < bandit.controlShareMilli {
            throw .share(experiment.variants[0].name, milli: decision.sharesMilli[0])
        }
        if let last = spans.last, decision.window <= last.window { throw .windowNotAfter(last.window) }
        spans.append(
            Span(
                window: decision.window, sharesMilli: decision.sharesMilli,
                slots: Slots(sharesMilli: decision.sharesMilli),
                salt: Self.hash(salt, UInt64(bitPattern: decision.window))))
        if spans.count > Self.spansMax {
            spans.removeFirst()
            firstSpan += 1
        }
    }

    /// The unit that a customer with that hash of its name is part of.
    @inline(__always)
    func place(of customer: UInt64, cell: Int, at time: EventTime) -> Place {
        var unit = customer
        if let blockMillis {
            let block = EventGrid.place(of: time, length: blockMillis)
            unit = Self.hash(cells[cells.indices.contains(cell) ? cell : 0], UInt64(bitPattern: block))
        }
        if windowMillis == nil {
            return Place(unit: unit, span: 0, variant: slots.holder(of: Self.hash(salt, unit)))
        }
        let index = index(at: time)
        let variant = spans[index].slots.holder(of: Self.hash(spans[index].salt, unit))
        return Place(unit: unit, span: firstSpan + index, variant: variant)
    }

    @inline(__always)
    private func index(at time: EventTime) -> Int {
        guard let windowMillis else { return 0 }
        let window = EventGrid.place(of: time, length: windowMillis)
        return spans.lastIndex { $0.window <= window } ?? 0
    }

    /// The hash of a text.
    private static func hash(_ text: String) -> UInt64 {
        var state = ByteHash.seed
        for byte in text.utf8 { ByteHash.add(byte, to: &state) }
        return ByteHash.finish(state)
    }

    /// The hash of two hashes. Each is mixed before they meet, so that salts that differ give what does not depend on
    /// each other.
    @inline(__always)
    private static func hash(_ salt: UInt64, _ value: UInt64) -> UInt64 {
        ByteHash.finish(salt ^ ByteHash.finish(value &+ 0x9e37_79b9_7f4a_7c15))
    }
}
