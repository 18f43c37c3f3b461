import Contracts
import Scenarios
import Testing
import Workload

/// One small run of each story; `foreshadow scenarios` plays more and larger ones.
@Suite struct ScenarioTests {
    private func score(_ scenario: Scenario, seed: UInt64 = 1, customers: Int = 1_500) throws -> ScenarioScore
    {
        let run = ScenarioRun(scenario, seed: seed, customers: customers)
        return ScenarioScore(try run.play(), run: run)
    }

    @Test func `a slow migration has its copy before its demand, and reads move only there`() throws {
        let score = try score(.slowMigration)
        #expect(score.rises.count == 2)
        #expect(score.rises.allSatisfy { $0.isInTime && $0.activatedHours != nil }, "\(score)")
        #expect(score.falseActivations.isEmpty && score.reversalsPerDay <= 1, "\(score)")
    }

    @Test func `a crowd of some hours moves no reads, and a launch does`() throws {
        let score = try score(.flashCrowd)
        #expect(score.activations == 1 && score.falseActivations.isEmpty, "\(score)")
        #expect(score.reversalsPerDay <= 1, "\(score)")
    }

    @Test func `a holiday moves no reads to where people travel, and a launch before it does`() throws {
        let score = try score(.holiday)
        #expect(score.falseActivations.isEmpty && score.activations >= 1, "\(score)")
        #expect(score.reversalsPerDay <= 1, "\(score)")
    }

    @Test func `reads step back within a window of an outage, and are all back within another`() throws {
        let score = try score(.outage)
        #expect(score.stepBackWindows == 1 && score.rollBackWindows == 2, "\(score)")
        #expect(score.reversalsPerDay == 1 && score.falseActivations.isEmpty, "\(score)")
    }

    @Test func `the same run gives the same commands`() throws {
        let run = ScenarioRun(.outage, seed: 5, customers: 200)
        let (first, second) = (try run.play(), try run.play())
        #expect(first.commands == second.commands)
        #expect(first.populated == second.populated)
    }

    @Test func `a report says what is short`() throws {
        var late = try score(.slowMigration, customers: 100)
        late.rises = [.init(shadow: "a>b", crossingHours: 10, populatedHours: 11)]
        late.activations = 1
        late.falseActivations = ["a>c"]
        late.reversalsPerDay = 2
        let report = ScenarioReport([late])
        #expect(report.risesInTime == 0 && report.rises == 1)
        #expect(report.shortfalls.count == 3, "\(report.shortfalls)")
        late.rises[0].populatedHours = 10
        late.falseActivations = []
        late.reversalsPerDay = 1
        #expect(ScenarioReport([late]).shortfalls.isEmpty)
    }
}
