import Contracts
import Testing

@testable import Trends

/// The proof of docs/safety.md: every state that the planner's life cycle and data planes that follow the rules
/// can reach together.
@Suite struct SafetyTests {
    private static func rules(_ dwell: Int, _ steps: [Int64]) -> LifeRules {
        var configuration = PlannerConfiguration()
        configuration.dwellWindows = dwell
        configuration.populateWindows = 1
        configuration.coolDownWindows = 1
        configuration.rampStepsMilli = steps
        return LifeRules(configuration)
    }

    private static let ruleSets = [rules(1, [1_000]), rules(2, [500, 1_000])]

    /// The second time with the planner's steps taken apart, so that it can crash within them.
    @Test(arguments: [(ruleSets[1], false), (ruleSets[0], true)])
    func `no invariant is broken in any state that can be reached`(rules: LifeRules, preparing: Bool) {
        let exploration = Exploration(PlannerMoves(rules, fault: nil), preparing: preparing)
        #expect(PlannerMoves(rules, fault: nil).moves.allSatisfy { $0.count < 64 }, "6 bits hold a move")
        if let finding = exploration.finding {
            Issue.record("\(finding.broken)\n\(finding.steps.joined(separator: "\n"))")
        }
        #expect(exploration.isExhaustive)
        print(
            "safety: \(exploration.worlds.count) states, \(exploration.transitions) transitions, exhaustive, "
                + "\(exploration.planner.states.count) states of the planner's alone")
    }

    @Test(arguments: ruleSets)
    func `the states are not safe because nothing happens in them`(rules: LifeRules) {
        let exploration = Exploration(PlannerMoves(rules, fault: nil))
        func life(_ world: World) -> Life { exploration.planner.states[world.planner].life }
        #expect(Set(exploration.planner.states.compactMap(\.life.phase)) == Set(Phase.allCases))
        let reached: [(String, (World) -> Bool)] = [
            ("reads served while ramping", { life($0).phase == .ramping && $0.isOpen }),
            ("reads served when promoted", { life($0) == .promoted && $0.isOpen }),
            (
                "reads served by a target that has not heard of the retirement",
                { life($0) == .retired && $0.isOpen && $0.log.0 == .retired }
            ),
            ("a write that waits while reads are served", { $0.isWriteWaiting && $0.isOpen }),
            ("a second copy after a retirement", { $0.areOldGrantsSent && $0.copy == .whole && $0.isOpen }),
            (
                "a source that has heard what the target has not",
                { $0.sourceLag == 0 && $0.targetLag == World.kept }
            ),
            (
                "a target that has heard what the source has not",
                { $0.targetLag == 0 && $0.sourceLag == World.kept }
            ),
        ]
        for (what, holds) in reached { #expect(exploration.worlds.contains(where: holds), "\(what)") }
    }

    @Test(arguments: PlantedFault.allCases)
    func `a planted fault is found, with the steps that lead to it`(fault: PlantedFault) throws {
        let exploration = Exploration(PlannerMoves(Self.rules(1, [500, 1_000]), fault: fault), fault: fault)
        let finding = try #require(exploration.finding)
        #expect(finding.broken == fault.breaks)
        let steps = finding.steps.enumerated().map { "  \($0.offset + 1). \($0.element)" }
        print("\(fault) breaks \(finding.broken):\n\(steps.joined(separator: "\n"))")
    }
}
