public import Contracts

/// An access of a customer whose data is placed.
public struct PlacedAccess: Sendable, Equatable {
    /// Its place in the trace.
    public var index: Int
    /// The customer's place in the trace's list.
    public var customer: Int
    /// Where it came from.
    public var partition: Int32
    /// When.
    public var time: EventTime
}

/// An order to make a copy.
public struct Move: Sendable, Equatable {
    /// Where it is to be.
    public var to: Int32
    /// Which copy it replaces once it is populated; nil where there is room for both.
    public var from: Int32?

    /// Makes an order from its parts.
    public init(to: Int32, from: Int32?) {
        self.to = to
        self.from = from
    }
}

/// Decides, after each access, whether a copy of the customer's data is to be made elsewhere.
///
/// `learn` is called with every access in the order of time, then `move`, unless a move of the customer is
/// under way. What `move` orders may be refused: by the budget or by the capacity.
public protocol PlacementPolicy {
    /// Takes note of an access.
    mutating func learn(_ access: PlacedAccess)
    /// What to move now, if anything; `to` must be a partition without a copy.
    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move?
}
