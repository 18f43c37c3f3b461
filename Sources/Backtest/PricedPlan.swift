/// The best plan for one customer when each move has a price.
///
/// Over its K partitions a state is a pair (a, b) of copies in any order, (a, a) a single one. At an access in r
/// each state without r pays a read; a state (r, b) may also come from (a, b) for the price of a move.
struct PricedPlan {
    /// The price of a remote read.
    static let scale: Int64 = 5_040

    /// A move, by places in the customer's list of partitions.
    struct PlannedMove: Equatable {
        var to: Int
        var from: Int?
    }

    /// What the plan comes to.
    let cost: (remoteReads: Int, moves: Int)
    /// The move made for each access after the first; empty unless traced.
    let moves: [PlannedMove?]

    /// Costs hold the price in the upper bits and the number of moves in the lower ones, so that of equally good
    /// plans the one with the fewest moves is the least.
    private static let moveBits: Int64 = 24
    private static let unreachable = Int64.max / 4

    init(_ customer: CustomerAccesses, price: Int64, copies: Int, isTraced: Bool = false) {
        let count = customer.partitions.count
        var states = [Int64](repeating: Self.unreachable, count: count * count)
        states[0] = 0
        var best = [Int64](repeating: 0, count: count)
        var origin = [Int32](repeating: 0, count: count)
        var trail: [Int32] = []  // access x b: the a that r replaced; -1 where nothing was
        let read = Self.scale << Self.moveBits
        let move = price << Self.moveBits + 1
        for access in customer.accesses.dropFirst() {
            let r = access.place
            if isTraced { trail.append(contentsOf: repeatElement(-1, count: count)) }
            if access.canBeReady {
                Self.leastPerColumn(states, count, copies: copies, &best, &origin)
            }
            for i in states.indices where states[i] < Self.unreachable { states[i] += read }
            for b in 0..<count {
                let i = r * count + b
                if states[i] < Self.unreachable { states[i] -= read }
                if access.canBeReady, copies == 1 ? b == r : b != r, best[b] + move < states[i] {
                    states[i] = best[b] + move
                    if isTraced { trail[trail.count - count + b] = origin[b] }
                }
                states[b * count + r] = states[i]
            }
        }
        var end = 0
        for i in states.indices where states[i] < states[end] { end = i }
        let made = Int(states[end] & (1 << Self.moveBits - 1))
        let paid = states[end] >> Self.moveBits - price * Int64(made)
        cost = (Int(paid / Self.scale), made)
        moves = isTraced ? Self.follow(trail, customer, from: (end / count, end % count), copies) : []
    }

    /// For each b the least state (a, b), and its a. With one copy only (a, a) are states, and all b are alike.
    private static func leastPerColumn(
        _ states: [Int64], _ count: Int, copies: Int, _ best: inout [Int64], _ origin: inout [Int32]
    ) {
        if copies == 1 {
            var least = 0
            for a in 1..<max(1, count) where states[a * count + a] < states[least * count + least] {
                least = a
            }
            for b in 0..<count {
                best[b] = states[least * count + least]
                origin[b] = Int32(least)
            }
            return
        }
        for b in 0..<count {
            best[b] = states[b]
            origin[b] = 0
            for a in 1..<max(1, count) where states[a * count + b] < best[b] {
                best[b] = states[a * count + b]
                origin[b] = Int32(a)
            }
        }
    }

    /// Goes back from the last state along the trail.
    private static func follow(
        _ trail: [Int32], _ customer: CustomerAccesses, from last: (Int, Int), _ copies: Int
    ) -> [PlannedMove?] {
        let count = customer.partitions.count
        var (a, b) = last
        var moves: [PlannedMove?] = []
        for (number, access) in customer.accesses.dropFirst().enumerated().reversed() {
            let r = access.place
            if b == r { swap(&a, &b) }
            let replaced = a == r ? trail[number * count + b] : -1
            if replaced < 0 {
                moves.append(nil)
            } else if copies == 1 {
                moves.append(PlannedMove(to: r, from: Int(replaced)))
                (a, b) = (Int(replaced), Int(replaced))
            } else {
                moves.append(PlannedMove(to: r, from: Int(replaced) == b ? nil : Int(replaced)))
                a = Int(replaced)
            }
        }
        return moves.reversed()
    }
}
