import Contracts

/// What became of an order.
public struct DecidedOrder: Sendable, Equatable {
    /// The number it was received with.
    public let number: Int64
    /// Why it was not followed; nil if it was.
    public let refusal: OrderRefusal?
}

/// Operators' orders.
extension Planner {
    /// What was decided since this was last asked.
    public mutating func takeDecidedOrders() -> [DecidedOrder] {
        defer { decided = [] }
        return decided
    }

    /// Follows the orders that count into a window. Answers the places of the shadows they moved, for which
    /// this was the window's step.
    mutating func obeyOrders(
        _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void
    ) -> Set<Int> {
        var moved: Set<Int> = []
        for entry in orders.take(through: windowEnd) {
            do throws(OrderRefusal) {
                let place = try obey(entry.order, windowEnd, tell)
                if let place { moved.insert(place) }
                decided.append(DecidedOrder(number: entry.number, refusal: nil))
            } catch {
                decided.append(DecidedOrder(number: entry.number, refusal: error))
            }
        }
        return moved
    }

    /// The shadow's place if the order moved it, nil if it only holds or releases it.
    private mutating func obey(
        _ order: ShadowOrder, _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void
    ) throws(OrderRefusal) -> Int? {
        guard let place = pairs.place(source: order.source, target: order.target) else { throw .noShadow }
        let pair = pairs[place]
        let guards = guardReport(pair, windowEnd)
        let transition = try LifeCycle.obey(order.kind, pair.life, pair.hold, guards.health, rules)
        apply(transition, to: place, guards, order.note, windowEnd, tell)
        return transition.life == pair.life ? nil : place
    }
}
