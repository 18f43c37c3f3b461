import Contracts

/// Why an order was not followed.
public enum OrderRefusal: Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// There is no shadow from this source in this target, or no longer. Look at the list of shadows.
    case noShadow
    /// It goes back already; that runs to its end. Wait until it is retired.
    case rollingBack
    /// It is paused already.
    case paused
    /// It is not paused.
    case notPaused
    /// It is pinned already.
    case pinned
    /// It is not pinned.
    case notPinned
    /// Only what writes to both or ramps can be promoted. Wait until it does.
    case notPromotable
    /// The telemetry of source and target in this window does not say that the copy is good. Wait, or mend it.
    case notVerified
    /// Too many orders wait for their window. Give it again later.
    case tooManyWaiting

    /// The reason, for people.
    public var description: String {
        switch self {
        case .noShadow: "there is no such shadow, or it is retired"
        case .rollingBack: "the shadow is rolling back already"
        case .paused: "the shadow is paused already"
        case .notPaused: "the shadow is not paused"
        case .pinned: "the shadow is pinned already"
        case .notPinned: "the shadow is not pinned"
        case .notPromotable: "only a shadow that is dual-writing or ramping can be promoted"
        case .notVerified: "the telemetry of source and target in this window is missing or breaks a guard"
        case .tooManyWaiting: "too many orders wait for their window (planner.maximumWaitingOrders)"
        }
    }
}

/// What orders do. One that moves a shadow is its step in that window; guards count from the next one on.
extension LifeCycle {
    static func obey(
        _ order: OrderKind, _ life: Life, _ hold: Hold, _ health: Health, _ rules: LifeRules
    ) throws(OrderRefusal) -> Transition {
        guard life.isOpen else { throw .noShadow }
        guard life.canBeGivenUp else { throw .rollingBack }
        switch order {
        case .pause: return try set(\.isPaused, true, .pause, else: .paused, life, hold)
        case .resume: return try set(\.isPaused, false, .resume, else: .notPaused, life, hold)
        case .pin: return try set(\.isPinned, true, .pin, else: .pinned, life, hold)
        case .unpin: return try set(\.isPinned, false, .unpin, else: .notPinned, life, hold)
        case .rollBack: return transition(life, hold, rollBack(life, .ordered), rules)
        case .promote:
            guard life.phase == .dualWriting || life.phase == .ramping else { throw .notPromotable }
            guard health == .good else { throw .notVerified }
            let move = (Life.promoted, Announcement(type: .promotion, reason: .ordered))
            return transition(life, hold, move, rules)
        }
    }

    private static func set(
        _ flag: WritableKeyPath<Hold, Bool>, _ value: Bool, _ type: CommandType, else refusal: OrderRefusal,
        _ life: Life, _ hold: Hold
    ) throws(OrderRefusal) -> Transition {
        if hold[keyPath: flag] == value { throw refusal }
        var hold = hold
        hold[keyPath: flag] = value
        return Transition(life: life, hold: hold, announcement: Announcement(type: type, reason: .ordered))
    }
}
