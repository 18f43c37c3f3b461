/// Every state that planner, log and stores can reach together, breadth first, so that a trace to a broken
/// invariant is a shortest one.
struct Exploration {
    /// What is broken, and the steps that led there.
    struct Finding {
        var broken: Invariant
        var steps: [String]
    }

    private(set) var worlds: [World] = [World()]
    private(set) var transitions = 0
    private(set) var finding: Finding?
    /// Whether no state is left whose ways on were not taken.
    private(set) var isExhaustive = false
    let planner: PlannerMoves

    private let fault: PlantedFault?
    /// Whether the planner's steps are taken apart into computing, and committing or crashing.
    private let isPreparing: Bool
    private var parents: [Int32] = [-1]
    /// Of the step from the parent: a label of the planner's, or below 0 a store action.
    private var steps: [Int32] = [0]
    private var places: Set<UInt64> = [World().key]

    init(_ planner: PlannerMoves, fault: PlantedFault? = nil, preparing isPreparing: Bool = false) {
        self.planner = planner
        self.isPreparing = isPreparing
        self.fault = fault
        var at = 0
        while at < worlds.count, finding == nil {
            expand(at)
            at += 1
        }
        isExhaustive = at == worlds.count && finding == nil
    }

    private mutating func expand(_ at: Int) {
        let world = worlds[at]
        if isPreparing { expandPreparing(at) } else { expandPlanner(at) }
        for action in StoreAction.allCases {
            var heardOlder = false
            guard let next = action.next(world, fault, &heardOlder) else { continue }
            reach(next, from: at, by: -1 - Int32(action.rawValue), heardOlder ? .epochRises : nil)
        }
    }

    private mutating func expandPlanner(_ at: Int) {
        for move in planner.moves[worlds[at].planner] { take(move, at) }
    }

    /// State and command become durable together, or not at all.
    private mutating func expandPreparing(_ at: Int) {
        let world = worlds[at]
        let moves = planner.moves[world.planner]
        if world.prepared > 0 {
            take(moves[world.prepared - 1], at)
            var crashed = world
            crashed.prepared = 0
            reach(crashed, from: at, by: Self.crash, nil)
        } else {
            for (place, move) in moves.enumerated() {
                var next = world
                next.prepared = place + 1
                reach(next, from: at, by: Int32(move.label), nil)
            }
        }
    }

    private mutating func take(_ move: PlannerMoves.Move, _ at: Int) {
        var next = worlds[at]
        next.planner = move.next
        next.prepared = 0
        if let sense = move.sense { next.publish(sense) }
        reach(next, from: at, by: isPreparing ? Self.commit : Int32(move.label), move.broken)
    }

    private static let crash: Int32 = -1_000
    private static let commit: Int32 = -1_001

    private mutating func reach(_ world: World, from parent: Int, by step: Int32, _ broken: Invariant?) {
        transitions += 1
        if finding != nil { return }
        if let broken = broken ?? world.broken {
            finding = Finding(broken: broken, steps: trace(parent) + [label(step)])
            return
        }
        guard places.insert(world.key).inserted else { return }
        worlds.append(world)
        parents.append(Int32(parent))
        steps.append(step)
    }

    private func trace(_ end: Int) -> [String] {
        var labels: [String] = []
        var at = end
        while at > 0 {
            labels.append(label(steps[at]))
            at = Int(parents[at])
        }
        return labels.reversed()
    }

    private func label(_ step: Int32) -> String {
        if step == Self.crash { return "planner: crashes before the commit" }
        if step == Self.commit { return "planner: commits state and command" }
        if step >= 0 { return planner.labels[Int(step)] }
        return StoreAction.allCases.first { $0.rawValue == Int(-1 - step) }.map { "stores: \($0)" } ?? ""
    }
}
