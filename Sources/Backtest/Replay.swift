import Contracts
public import Evaluation

/// Replays a trace under a placement policy.
///
/// One set of rules for all. A customer's data starts at its home, the partition of its first access, which is
/// not counted as a read. Every later access is a read by the nearest populated copy, remote if none is in the
/// partition it came from. After each access the policy may order one move, unless one of the customer is under
/// way. The new copy takes reads from the first access at least the lead time later; only then the one it
/// replaces is given up. A move is refused where the budget is used up or the partition is full.
public struct Replay {
    private let trace: EvaluationTrace
    private let times: RoundTripTimes
    private let configuration: BacktestConfiguration

    private struct Customer {
        var copies: Copies
        var moving: (copy: Copies.Copy, from: Int32?)?
    }

    /// Replays of a trace whose target is the region. The configuration must be valid, the times be over the
    /// trace's regions.
    public init(_ trace: EvaluationTrace, _ times: RoundTripTimes, _ configuration: BacktestConfiguration) {
        precondition(times.regions == trace.classes.count, "round-trip times are over the trace's regions")
        self.trace = trace
        self.times = times
        self.configuration = configuration
    }

    /// Goes through the trace; `budget` moves in all, dealt out evenly over the reads, on top of the rules.
    public func run(_ policy: any PlacementPolicy, budget: Int? = nil) -> Outcome {
        var policy = policy
        return run(&policy, budget)
    }

    private func run(_ policy: inout some PlacementPolicy, _ budget: Int?) -> Outcome {
        let allowance = Allowance(
            perMillion: configuration.movesPerMillionReads, budget: budget,
            reads: trace.events.count - trace.customers.count)
        var customers = [Customer?](repeating: nil, count: trace.customers.count)
        var tally = Tally(times, reads: trace.events.count)
        var fill = Fill(partitions: trace.classes.count, capacity: configuration.capacity)
        for (index, event) in trace.events.enumerated() {
            let access = PlacedAccess(
                index: index, customer: Int(event.customer), partition: event.target, time: event.time)
            var customer: Customer
            if let known = customers[access.customer] {
                customer = known
                arrive(&customer, at: event.time, &tally, &fill)
                tally.read(
                    from: event.target, at: event.time, &customer.copies, isMoving: customer.moving != nil)
            } else {
                customer = Customer(copies: Copies(home: event.target, limit: configuration.copies))
                fill.add(event.target)
            }
            policy.learn(access)
            if customer.moving == nil, let move = policy.move(after: access, customer.copies) {
                order(move, access, &customer, allowance, &tally, &fill)
            }
            customers[access.customer] = customer
        }
        for customer in customers {
            tally.end(customer?.copies.first)
            tally.end(customer?.copies.second)
            tally.end(customer?.moving?.copy)
        }
        return tally.outcome(configuration, fullest: fill.fullest)
    }

    /// Puts a move of which the lead time is over into effect.
    private func arrive(
        _ customer: inout Customer, at time: EventTime, _ tally: inout Tally, _ fill: inout Fill
    ) {
        guard let (copy, from) = customer.moving, let ordered = copy.ordered,
            ordered + configuration.leadMillis <= time
        else { return }
        let gone = customer.copies.place(copy, insteadOf: from)
        tally.end(gone)
        if let gone { fill.remove(gone.partition) }
        customer.moving = nil
    }

    private func order(
        _ move: Move, _ access: PlacedAccess, _ customer: inout Customer, _ allowance: Allowance,
        _ tally: inout Tally, _ fill: inout Fill
    ) {
        precondition(
            !customer.copies.contains(move.to)
                && (move.from != nil || customer.copies.count < configuration.copies),
            "a move goes where there is no copy, and into a free place or that of another copy")
        guard tally.moves < allowance.moves(after: tally.reads), fill.hasRoom(move.to) else {
            return tally.refuse()
        }
        let isAhead = access.partition != move.to
        tally.order(isAhead: isAhead)
        fill.add(move.to)
        customer.moving = (
            Copies.Copy(partition: move.to, ordered: access.time, isAhead: isAhead), move.from
        )
    }
}

/// How many moves there may be by when.
private struct Allowance {
    let perMillion: Int64?
    let budget: Int?
    /// Of the whole trace.
    let reads: Int

    func moves(after done: Int) -> Int {
        min(
            perMillion.map { Int($0) * done / 1_000_000 } ?? .max,
            budget.map { $0 * done / max(1, reads) } ?? .max)
    }
}

/// How many copies each partition holds, populated or under way.
private struct Fill {
    private var copies: [Int]
    private let capacity: Int
    private(set) var fullest = 0

    init(partitions: Int, capacity: Int?) {
        copies = Array(repeating: 0, count: partitions)
        self.capacity = capacity ?? .max
    }

    func hasRoom(_ partition: Int32) -> Bool { copies[Int(partition)] < capacity }

    mutating func add(_ partition: Int32) {
        copies[Int(partition)] += 1
        fullest = max(fullest, copies[Int(partition)])
    }

    mutating func remove(_ partition: Int32) { copies[Int(partition)] -= 1 }
}
