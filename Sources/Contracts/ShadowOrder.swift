/// What an operator can order of a shadow.
public enum OrderKind: String, Sendable, CaseIterable {
    /// Take no step by itself; guards still take it back.
    case pause
    /// Go on by itself.
    case resume
    /// Let the target serve all of the cohort's reads now.
    case promote
    /// Take the reads back to the source and retire.
    case rollBack = "roll-back"
    /// Do not end because demand falls.
    case pin
    /// End when demand falls, as others do.
    case unpin
}

/// What `shadow-orders` carries: an operator's order about one shadow.
public struct ShadowOrder: Sendable, Equatable {
    /// The most bytes that `id` and `by` may have.
    public static let nameBytesMax = 256
    /// The most bytes that `reason` may have.
    public static let reasonBytesMax = 1_024

    /// Names the order, for people who follow it.
    public var id: String
    /// When it was given. For people: an order counts by its place in the log, not by its time.
    public var time: EventTime
    /// What is ordered.
    public var kind: OrderKind
    /// The partition the cohort's data is in.
    public var source: PartitionIndex
    /// The partition the shadow is in.
    public var target: PartitionIndex
    /// Who gave it.
    public var by: String
    /// Why.
    public var reason: String

    /// Makes an order from its parts.
    public init(
        id: String, time: EventTime, kind: OrderKind, source: PartitionIndex, target: PartitionIndex,
        by: String, reason: String
    ) {
        self.id = id
        self.time = time
        self.kind = kind
        self.source = source
        self.target = target
        self.by = by
        self.reason = reason
    }

    /// What a command that it leads to says of it.
    public var note: OrderNote { OrderNote(id: id, by: by, reason: reason) }
}

/// What a command says of the order that led to it.
public struct OrderNote: Sendable, Hashable {
    /// The order.
    public var id: String
    /// Who gave it.
    public var by: String
    /// Why.
    public var reason: String

    /// Makes a note from its parts.
    public init(id: String, by: String, reason: String) {
        self.id = id
        self.by = by
        self.reason = reason
    }
}
