import Contracts
import Testing

@testable import Trends

/// Every life that can be reached and every signal, explored to the end.
@Suite("The life cycle, exhaustively")
struct LifeCycleTests {
    private struct Edge {
        let from: Life
        let hold: Hold
        let signals: LifeSignals
        /// Nil: the window's own step.
        let order: OrderKind?
        let to: Life
        let after: Hold
        let announcement: Announcement?
    }

    private struct Place: Hashable {
        var life = Life.none
        var hold = Hold()
    }

    private static func rules(dwell: Int, populate: Int, steps: [Int64]) -> LifeRules {
        var configuration = PlannerConfiguration()
        configuration.dwellWindows = dwell
        configuration.populateWindows = populate
        configuration.coolDownWindows = 2
        configuration.rampStepsMilli = steps
        return LifeRules(configuration)
    }

    private static let ruleSets = [
        rules(dwell: 1, populate: 1, steps: [50, 250, 500, 1_000]),
        rules(dwell: 3, populate: 2, steps: [50, 250, 500, 1_000]),
        rules(dwell: 2, populate: 1, steps: [1_000]),
    ]

    private static let allSignals: [LifeSignals] = {
        let flags = [false, true]
        var all: [LifeSignals] = []
        for admitted in flags {
            for activate in flags {
                for leave in flags {
                    for ready in flags {
                        for health in Health.allCases {
                            all.append(
                                LifeSignals(
                                    isAdmitted: admitted, activateHeld: activate, leaveHeld: leave,
                                    targetReady: ready, health: health))
                        }
                    }
                }
            }
        }
        return all
    }()

    private func explore(_ rules: LifeRules) -> [Edge] {
        var seen: Set<Place> = [Place()]
        var open = [Place()]
        var edges: [Edge] = []
        func add(_ place: Place, _ signals: LifeSignals, _ order: OrderKind?, _ to: LifeCycle.Transition) {
            edges.append(
                Edge(
                    from: place.life, hold: place.hold, signals: signals, order: order, to: to.life,
                    after: to.hold, announcement: to.announcement))
            let next = Place(life: to.life, hold: to.hold)
            if seen.insert(next).inserted { open.append(next) }
        }
        while let place = open.popLast() {
            for signals in Self.allSignals {
                add(place, signals, nil, LifeCycle.next(place.life, place.hold, signals, rules))
            }
            for order in OrderKind.allCases {
                for health in Health.allCases {
                    let obeyed = try? LifeCycle.obey(order, place.life, place.hold, health, rules)
                    if let obeyed { add(place, LifeSignals(health: health), order, obeyed) }
                }
            }
        }
        return edges
    }

    @Test("reaches every phase, in finitely many states", arguments: ruleSets)
    func reaches(rules: LifeRules) {
        let edges = explore(rules)
        #expect(Set(edges.compactMap(\.to.phase)) == Set(Phase.allCases))
        #expect(Set(edges.map(\.to)).count < 100)
        #expect(Set(edges.compactMap(\.announcement?.type)) == Set(CommandType.allCases))
    }

    @Test("reads from the target only while writes go to both", arguments: ruleSets)
    func dualWrite(rules: LifeRules) {
        for edge in explore(rules) where edge.to.readShareMilli > 0 {
            #expect(edge.to.dualWrite, "\(edge)")
        }
    }

    @Test("announces exactly the changes the world must know", arguments: ruleSets)
    func announces(rules: LifeRules) {
        for edge in explore(rules) {
            let isVisible =
                edge.to.readShareMilli != edge.from.readShareMilli || edge.to.dualWrite != edge.from.dualWrite
                || (edge.to.phase != edge.from.phase && edge.to.phase != .populated) || edge.order != nil
            #expect((edge.announcement != nil) == isVisible, "\(edge)")
        }
    }

    @Test("goes only the ways the design draws", arguments: ruleSets)
    func ways(rules: LifeRules) {
        let ways: [Phase?: Set<Phase?>] = [
            nil: [.provisioning], .provisioning: [.populated, .rollingBack],
            .populated: [.dualWriting, .rollingBack], .dualWriting: [.ramping, .rollingBack],
            .ramping: [.promoted, .rollingBack], .promoted: [.ramping, .rollingBack],
            .rollingBack: [.retired],
            .retired: [.provisioning],
        ]
        for edge in explore(rules) where edge.from.phase != edge.to.phase {
            // By order, a shadow that writes to both may skip the ramp.
            if edge.order == .promote, edge.from.phase == .dualWriting, edge.to == .promoted { continue }
            #expect(ways[edge.from.phase]?.contains(edge.to.phase) == true, "\(edge)")
        }
    }

    @Test("raises the read share only on good telemetry", arguments: ruleSets)
    func raises(rules: LifeRules) {
        for edge in explore(rules) where edge.to.readShareMilli > edge.from.readShareMilli {
            #expect(edge.signals.health == .good, "\(edge)")
        }
    }

    @Test("lowers the read share in the window of a breach, by half at least", arguments: ruleSets)
    func lowers(rules: LifeRules) {
        for edge in explore(rules) where edge.from.readShareMilli > 0 && edge.signals.health == .breached {
            if edge.order != nil && edge.order != .rollBack { continue }
            let half = max(edge.from.readShareMilli / 2, rules.lowestStep)
            #expect(edge.to.readShareMilli == 0 || edge.to.readShareMilli == half, "\(edge)")
            #expect(edge.to.readShareMilli < edge.from.readShareMilli, "\(edge)")
        }
    }

    @Test("moves no reads and asks nothing new while telemetry is missing", arguments: ruleSets)
    func pauses(rules: LifeRules) {
        for edge in explore(rules) where edge.from.isGuarded && edge.signals.health == .unknown {
            if edge.signals.leaveHeld || edge.order != nil { continue }
            #expect(edge.announcement == nil && edge.to.phase == edge.from.phase, "\(edge)")
        }
    }

    @Test("comes to rest when nothing is heard", arguments: ruleSets)
    func rests(rules: LifeRules) {
        for start in Set(explore(rules).map { Place(life: $0.to, hold: $0.after) }) {
            var place = start
            func next() -> Place {
                let next = LifeCycle.next(place.life, place.hold, LifeSignals(), rules)
                return Place(life: next.life, hold: next.hold)
            }
            for _ in 0..<20 { place = next() }
            #expect(next() == place, "\(start)")
        }
    }

    @Test("steps only back while it is paused, and never because demand falls", arguments: ruleSets)
    func paused(rules: LifeRules) {
        for edge in explore(rules) where edge.hold.isPaused && edge.order == nil {
            let isBreach = edge.from.isGuarded && edge.signals.health == .breached
            #expect(edge.announcement == nil || isBreach, "\(edge)")
            #expect(edge.to.readShareMilli <= edge.from.readShareMilli, "\(edge)")
        }
    }

    @Test("does not end because demand falls while it is pinned, but for a breach", arguments: ruleSets)
    func pinned(rules: LifeRules) {
        for edge in explore(rules) where edge.hold.isPinned && edge.order == nil {
            if edge.to.phase == .rollingBack {
                #expect(edge.announcement?.reason == .guardBreached, "\(edge)")
            }
        }
    }

    @Test(
        "can be rolled back by order from every phase it is open in, and loses its holds", arguments: ruleSets
    )
    func ordered(rules: LifeRules) {
        let back = explore(rules).filter { $0.order == .rollBack }
        #expect(
            Set(back.map(\.from.phase)) == [
                .provisioning, .populated, .dualWriting, .ramping, .promoted,
            ])
        for edge in back {
            #expect(edge.to == .rollingBack(elapsed: 0, dualWrite: edge.from.dualWrite), "\(edge)")
            #expect(!edge.after.isPaused && !edge.after.isPinned, "\(edge)")
        }
    }

    @Test("is promoted by order only while it writes to both and its telemetry is good", arguments: ruleSets)
    func promotedByOrder(rules: LifeRules) {
        let promotions = explore(rules).filter { $0.order == .promote }
        #expect(Set(promotions.map(\.from.phase)) == [.dualWriting, .ramping])
        for edge in promotions { #expect(edge.signals.health == .good && edge.to == .promoted, "\(edge)") }
    }

    @Test("turns by itself only when it has rested, but for a breach", arguments: ruleSets)
    func turns(rules: LifeRules) {
        for edge in explore(rules) where edge.order == nil && edge.from.isGoingBack != edge.to.isGoingBack {
            #expect(edge.hold.rest <= 1 || edge.announcement?.reason == .guardBreached, "\(edge)")
            #expect(edge.after.rest == rules.coolDownWindows, "\(edge)")
        }
    }
}
