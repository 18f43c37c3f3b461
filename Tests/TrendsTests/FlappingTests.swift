import Contracts
import Testing
import Trends

/// At most one reversal per shadow and day: windows of an hour, a rest of 24 of them.
@Suite struct FlappingTests {
    /// Window ends at which a shadow turned, from going on to going back or the other way round.
    private struct Turns {
        var all: [EventTime] = []
        var back: [EventTime] = []
        var commands = 0
    }

    private func isBack(_ command: ShadowCommand, after share: Int64) -> Bool {
        switch command.type {
        case .rollback, .retirement: true
        case .readRoutingShift: command.readShareMilli < share
        default: false
        }
    }

    private func turns(seed: UInt64, badTelemetry: Int) -> Turns {
        var random = SeededGenerator(seed: seed)
        var harness = PlannerHarness { $0.coolDownWindows = 24 }
        // Demand jumps between levels that it holds for some windows, as wildly as the seed has it.
        var level: Int64 = 0
        for _ in 0..<1_500 {
            if Int.random(in: 0..<5, using: &random) == 0 {
                level = [0, 20, 60, 120, 300, 900].randomElement(using: &random) ?? 0
            }
            let isBad = Int.random(in: 0..<100, using: &random) < badTelemetry
            harness.window(level, isBad ? only(1) { $0.utilisationMilli = 2_000 } : { $0 })
        }
        var turns = Turns(commands: harness.commands.count)
        var (wasBack, share) = (true, Int64(0))
        for command in harness.commands {
            let isBack = isBack(command, after: share)
            if isBack != wasBack {
                turns.all.append(command.windowEnd)
                if isBack { turns.back.append(command.windowEnd) }
            }
            (wasBack, share) = (isBack, command.readShareMilli)
        }
        return turns
    }

    private func closest(_ times: [EventTime]) -> EventTime {
        zip(times, times.dropFirst()).map { $1 - $0 }.min() ?? .max
    }

    @Test(arguments: (1...40).map { UInt64($0) })
    func `whatever demand does, a shadow turns at most once a day`(seed: UInt64) {
        let turns = turns(seed: seed, badTelemetry: 0)
        #expect(turns.all.count > 4, "seed \(seed): too tame to tell")
        #expect(closest(turns.all) >= 24 * hour, "seed \(seed)")
    }

    @Test(arguments: (1...40).map { UInt64($0) })
    func `whatever telemetry does besides, a shadow is sent back at most once a day`(seed: UInt64) {
        let turns = turns(seed: seed, badTelemetry: 20)
        #expect(turns.back.count > 4, "seed \(seed): too tame to tell")
        #expect(closest(turns.back) >= 24 * hour, "seed \(seed)")
    }
}
