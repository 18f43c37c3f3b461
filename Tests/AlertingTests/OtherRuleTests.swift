import Alerting
import Contracts
import Testing

/// The rules about shadows, topics, experiments and dead letters.
@Suite struct OtherRuleTests {
    @Test func `a ramp that stays at one step fires, and ends when it goes on`() throws {
        var harness = try AlertHarness()
        harness.evaluator.observe(harness.command(1, .provisioning))
        harness.run(2)
        harness.evaluator.observe(harness.command(2, .ramping, share: 50))
        harness.run(5)
        // Another command of the same step does not start its time anew.
        harness.evaluator.observe(harness.command(3, .ramping, share: 50))
        #expect(harness.alerts == [])
        harness.window()
        #expect(harness.alerts.short == ["stuck-ramp:eu-west>us-east firing"])
        #expect(harness.alerts.first?.what == "eu-west>us-east has been at 5 % of reads for 6 windows")
        harness.evaluator.observe(harness.command(4, .ramping, share: 250))
        harness.window()
        #expect(
            harness.alerts.short == [
                "stuck-ramp:eu-west>us-east firing", "stuck-ramp:eu-west>us-east resolved",
            ])
    }

    @Test func `provisioning for too long fires, and retirement ends it for good`() throws {
        var harness = try AlertHarness()
        let first = harness.command(1, .provisioning)
        harness.evaluator.observe(first)
        harness.run(24)
        #expect(harness.alerts.map(\.what) == ["eu-west>us-east has been provisioning for 24 windows"])
        #expect(harness.evaluator.observe(harness.command(2, .retired)) == true)
        #expect(harness.evaluator.observe(first) == false, "an older epoch")
        harness.run(40)
        #expect(
            harness.alerts.short == [
                "stuck-ramp:eu-west>us-east firing", "stuck-ramp:eu-west>us-east resolved",
            ])
    }

    @Test func `a shadow that an operator paused, or that is promoted, is not stuck`() throws {
        var harness = try AlertHarness()
        harness.evaluator.observe(harness.command(1, .ramping, share: 250, paused: true))
        harness.run(50)
        harness.evaluator.observe(harness.command(2, .ramping, share: 250))
        harness.run(5)
        #expect(harness.alerts == [], "it has its time again")
        harness.evaluator.observe(harness.command(3, .promoted, share: 1_000))
        harness.run(50)
        #expect(harness.alerts == [])
    }

    @Test func `lag fires for records or for time, and a topic that is not read any more is forgotten`()
        throws
    {
        var harness = try AlertHarness()
        func lag(_ records: Int64, _ millis: Int64, _ windows: Int) {
            for _ in 0..<windows {
                // The worst of a window counts.
                harness.evaluator.observe(lagOf: "interactions", records: records, millis: millis)
                harness.evaluator.observe(lagOf: "interactions", records: 0, millis: 0)
                harness.window()
            }
        }
        lag(100_000, 300_000, 5)
        lag(100_001, 0, 1)
        lag(0, 0, 1)
        #expect(harness.alerts == [])
        lag(0, 300_001, 2)
        #expect(harness.alerts.short == ["lag:interactions firing"])
        #expect(harness.alerts[0].what == "interactions is read 0 records and 300.001 s behind its end")
        harness.run(24)
        #expect(harness.alerts.count == 1, "nothing is known")
        harness.run(40)
        #expect(harness.alerts.short == ["lag:interactions firing", "lag:interactions resolved"])
    }

    @Test func `a stage that has input and commits nothing for longer than its limit fires at once`() throws {
        var harness = try AlertHarness()
        func stall(_ millis: Int64) {
            harness.evaluator.observe(stallOf: "updater", millis: millis)
            harness.evaluator.observe(stallOf: "trends", millis: 0)
            harness.window()
        }
        stall(60_000)
        #expect(harness.alerts == [])
        stall(61_000)
        #expect(harness.alerts.short == ["stage-stalled:updater firing"])
        #expect(harness.alerts[0].what == "updater has input and has committed nothing for 61 s")
        #expect(harness.alerts[0].severity == .critical)
        stall(0)
        #expect(harness.alerts.short == ["stage-stalled:updater firing", "stage-stalled:updater resolved"])
    }

    @Test func `of topics no more are watched than the limit says`() throws {
        var harness = try AlertHarness { $0.subjectsMax = 2 }
        #expect(harness.evaluator.observe(lagOf: "a", records: 1, millis: 1) == true)
        #expect(harness.evaluator.observe(lagOf: "b", records: 1, millis: 1) == true)
        #expect(harness.evaluator.observe(lagOf: "c", records: 1, millis: 1) == false)
        harness.run(30)
        #expect(
            harness.evaluator.observe(lagOf: "c", records: 1, millis: 1) == true, "the others are forgotten")
    }

    @Test func `an experiment whose ratio chance does not explain fires`() throws {
        var harness = try AlertHarness()
        for pValue in [0.5, 0.001, 0.0009, 0.02, 1] {
            #expect(harness.evaluator.observe(ratioOf: "ring", pValue: pValue) == true)
            harness.window()
        }
        #expect(harness.evaluator.observe(ratioOf: "ring", pValue: .nan) == false)
        #expect(harness.alerts == [])
        for _ in 0..<2 {
            harness.evaluator.observe(ratioOf: "ring", pValue: 1e-7)
            harness.window()
        }
        #expect(harness.alerts.short == ["ratio-mismatch:ring firing"])
        for _ in 0..<2 {
            harness.evaluator.observe(ratioOf: "ring", pValue: 0.3)
            harness.window()
        }
        #expect(harness.alerts.last?.state == .resolved)
    }

    @Test func `dead letters fire when they come in numbers`() throws {
        var harness = try AlertHarness()
        for count in [10, 5, 0, 11, 10] as [Int64] {
            harness.evaluator.observe(deadLetters: count)
            harness.window()
        }
        #expect(harness.alerts == [])
        for _ in 0..<4 {
            for _ in 0..<11 { harness.evaluator.observe(deadLetters: 1) }
            harness.window()
        }
        harness.run(2)
        #expect(harness.alerts.short == ["dead-letters firing", "dead-letters resolved"])
    }
}
