import Contracts
import Testing

@testable import Trends

/// Every life that can be reached and every signal, explored to the end.
@Suite("The life cycle, exhaustively")
struct LifeCycleTests {
    private struct Edge {
        let from: Life
        let signals: LifeSignals
        let to: Life
        let announcement: Announcement?
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
        var seen: Set<Life> = [.none]
        var open: [Life] = [.none]
        var edges: [Edge] = []
        while let life = open.popLast() {
            for signals in Self.allSignals {
                let (next, announcement) = LifeCycle.next(life, signals, rules)
                edges.append(Edge(from: life, signals: signals, to: next, announcement: announcement))
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return edges
    }

    @Test("reaches every phase, in finitely many states", arguments: ruleSets)
    func reaches(rules: LifeRules) {
        let edges = explore(rules)
        #expect(Set(edges.compactMap(\.to.phase)) == Set(Phase.allCases))
        #expect(Set(edges.map(\.to)).count < 60)
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
                || (edge.to.phase != edge.from.phase && edge.to.phase != .populated)
            #expect((edge.announcement != nil) == isVisible, "\(edge)")
        }
    }

    @Test("goes only the ways the design draws", arguments: ruleSets)
    func ways(rules: LifeRules) {
        let ways: [Phase?: Set<Phase?>] = [
            nil: [.provisioning], .provisioning: [.populated, .rollingBack],
            .populated: [.dualWriting, .rollingBack], .dualWriting: [.ramping, .rollingBack],
            .ramping: [.promoted, .rollingBack], .promoted: [.rollingBack], .rollingBack: [.retired],
            .retired: [.provisioning],
        ]
        for edge in explore(rules) where edge.from.phase != edge.to.phase {
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
        for edge in explore(rules) where edge.from.phase == .ramping && edge.signals.health == .breached {
            let half = max(edge.from.readShareMilli / 2, rules.lowestStep)
            #expect(edge.to.readShareMilli == 0 || edge.to.readShareMilli == half, "\(edge)")
            #expect(edge.to.readShareMilli < edge.from.readShareMilli, "\(edge)")
        }
    }

    @Test("moves no reads and asks nothing new while telemetry is missing", arguments: ruleSets)
    func pauses(rules: LifeRules) {
        for edge in explore(rules) where edge.from.isGuarded && edge.signals.health == .unknown {
            if edge.signals.leaveHeld { continue }
            #expect(edge.announcement == nil && edge.to.phase == edge.from.phase, "\(edge)")
        }
    }

    @Test("comes to rest when nothing is heard", arguments: ruleSets)
    func rests(rules: LifeRules) {
        for start in Set(explore(rules).map(\.to)) {
            var life = start
            for _ in 0..<20 { life = LifeCycle.next(life, LifeSignals(), rules).life }
            #expect(LifeCycle.next(life, LifeSignals(), rules).life == life, "\(start)")
        }
    }
}
