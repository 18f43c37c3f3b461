import Contracts
public import Evaluation

/// The offline optimum: what a planner that knows the whole trace could reach with so many moves.
///
/// Per customer, dynamic programming over (access, set of copies) minimises remote reads + L x moves. A move can
/// wait until its partition is read, so only moves to the partition of the present access are tried. A planner
/// that knows the future orders early enough to hide the lead time, but not before the customer's first access.
/// It minds neither the capacity nor that moves of a customer must not overlap, so it is a bound to all policies.
///
/// The sum over customers is minimal under the price L. If it uses m moves, no plan of at most m moves has fewer
/// remote reads; for any budget B, min over plans (remote + L moves) - L B bounds from below the remote reads of
/// all plans of at most B moves. The greatest such bound over L is exact at the budgets on the convex hull of
/// what is reachable, and on the line between them elsewhere. Source: Everett, "Generalized Lagrange Multiplier
/// Method for Solving Problems of Optimum Allocation of Resources" (1963).
public struct Clairvoyant: Sendable {
    /// What the planner knows of places.
    public enum Knowledge: Sendable {
        /// All that comes.
        case everything
        /// All that comes at partitions where the customer has been: no first visit to one can be foreseen.
        case placesSeen
    }

    /// The best plan under a price.
    public struct Point: Sendable, Equatable {
        /// What a move costs, in parts of a remote read: 5,040 are one.
        public var price: Int64
        /// Remote reads of all customers.
        public var remoteReads: Int
        /// Moves of all customers; the fewest of equally good plans.
        public var moves: Int

        /// The lower bound on remote reads with at most `budget` moves that this price gives.
        func bound(moves budget: Int) -> Double {
            Double(remoteReads) + Double(price) * Double(moves - budget) / Double(PricedPlan.scale)
        }
    }

    /// The price of one remote read: divisible by 2 to 10, so that where plans change is mostly met exactly.
    public static let readPrice = PricedPlan.scale
    private static let highestPrice: Int64 = 1_000 * PricedPlan.scale

    private let customers: [CustomerAccesses]
    private let copies: Int

    /// A planner for a trace.
    public init(
        _ trace: EvaluationTrace, _ configuration: BacktestConfiguration,
        knows knowledge: Knowledge = .everything
    ) {
        customers = CustomerAccesses.all(trace, lead: configuration.leadMillis, knowledge)
        copies = configuration.copies
    }

    /// The optimum at a price.
    public func point(price: Int64) -> Point {
        var point = Point(price: price, remoteReads: 0, moves: 0)
        for customer in customers {
            let cost = PricedPlan(customer, price: price, copies: copies).cost
            point.remoteReads += cost.remoteReads
            point.moves += cost.moves
        }
        return point
    }

    /// The lower bound on remote reads with at most that many moves, and the best plan on the hull that is within.
    public func bound(moves budget: Int) -> (remoteReads: Double, within: Point) {
        var low = point(price: 0)
        if low.moves <= budget { return (Double(low.remoteReads), low) }
        var high = point(price: Self.highestPrice)
        while high.price - low.price > 1 {
            let middle = point(price: (low.price + high.price) / 2)
            if middle.moves <= budget { high = middle } else { low = middle }
        }
        return (max(0, low.bound(moves: budget), high.bound(moves: budget)), high)
    }

    /// What the best plan at a price comes to by the rules of a replay.
    public func outcome(
        price: Int64, _ times: RoundTripTimes, _ configuration: BacktestConfiguration
    ) -> Outcome {
        var tally = Tally(times, reads: customers.reduce(0) { $0 + $1.accesses.count })
        for customer in customers {
            var copies = Copies(home: customer.home, limit: configuration.copies)
            let moves = PricedPlan(customer, price: price, copies: configuration.copies, isTraced: true).moves
            for (access, move) in zip(customer.accesses.dropFirst(), moves) {
                if let move {
                    tally.order(isAhead: true)
                    let copy = Copies.Copy(
                        partition: customer.partitions[move.to],
                        ordered: access.time - configuration.leadMillis, isAhead: true)
                    tally.end(copies.place(copy, insteadOf: move.from.map { customer.partitions[$0] }))
                }
                tally.read(
                    from: customer.partitions[access.place], at: access.time, &copies, isMoving: false)
            }
            tally.end(copies.first)
            tally.end(copies.second)
        }
        return tally.outcome(configuration, fullest: 0)
    }
}

/// One customer's accesses, over the partitions it ever visits.
struct CustomerAccesses: Sendable {
    struct Access: Sendable {
        var place: Int
        var time: EventTime
        /// Whether a planner can have had a copy there by then.
        var canBeReady: Bool
    }

    /// The partitions in the order of their first accesses; the home is the first.
    private(set) var partitions: [Int32] = []
    private(set) var accesses: [Access] = []
    private var firstTimes: [EventTime] = []
    var home: Int32 { partitions[0] }

    static func all(
        _ trace: EvaluationTrace, lead: Int64, _ knowledge: Clairvoyant.Knowledge
    ) -> [CustomerAccesses] {
        var all = [CustomerAccesses](repeating: CustomerAccesses(), count: trace.customers.count)
        for event in trace.events { all[Int(event.customer)].add(event.target, event.time, lead, knowledge) }
        return all
    }

    mutating func add(
        _ partition: Int32, _ time: EventTime, _ lead: Int64, _ knowledge: Clairvoyant.Knowledge
    ) {
        let place = partitions.firstIndex(of: partition) ?? partitions.count
        let isFirst = place == partitions.count
        if isFirst {
            partitions.append(partition)
            firstTimes.append(time)
        }
        let known =
            switch knowledge {
            case .everything: firstTimes[0]
            case .placesSeen: firstTimes[place]
            }
        let canBeReady = time - known >= lead && !(knowledge == .placesSeen && isFirst)
        accesses.append(Access(place: place, time: time, canBeReady: canBeReady))
    }
}
