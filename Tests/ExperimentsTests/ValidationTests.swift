import Testing

@testable import Experiments

/// What cannot be run is refused with the reason.
@Suite struct ValidationTests {
    private func failure(_ change: (inout Experiment) -> Void) -> ExperimentFailure? {
        var experiment = latencyExperiment("valid")
        change(&experiment)
        do {
            try experiment.validate()
            return nil
        } catch { return error }
    }

    @Test func `the defaults are allowed`() {
        #expect(failure { _ in } == nil)
        let experiment = latencyExperiment("valid")
        #expect(experiment.alpha == 0.05)
        #expect(experiment.plannedEffect == 0.05)
        #expect(!experiment.adoptsAutomatically)
    }

    @Test func `names are there, short, and different`() {
        #expect(failure { $0.name = "" } == .nameLength(""))
        let long = String(repeating: "n", count: 101)
        #expect(failure { $0.name = long } == .nameLength(long))
        #expect(failure { $0.variants[1].name = "control" } == .twice("control"))
        #expect(failure { $0.variants[1].name = "" } == .nameLength(""))
    }

    @Test func `shares are shares`() {
        #expect(failure { $0.variants = [Variant("control", shareMilli: 1_000)] } == .variantCount(1))
        #expect(failure { $0.variants[1].shareMilli = 499 } == .sharesSum(milli: 999))
        #expect(failure { $0.variants[1].shareMilli = -1 } == .share("v1", milli: -1))
        #expect(failure { $0.variants[1].shareMilli = .max } == .share("v1", milli: .max))
        #expect(
            failure {
                $0.variants[0].shareMilli = 0
                $0.variants[1].shareMilli = 1_000
            } == .share("control", milli: 0))
        // A variant that waits for its turn is allowed.
        #expect(
            failure {
                $0.variants[0].shareMilli = 1_000
                $0.variants[1].shareMilli = 0
            } == nil)
    }

    @Test func `numbers are where they work`() {
        #expect(failure { $0.alpha = 0 } == .outOfRange("alpha", "0.000001 to 0.5"))
        #expect(failure { $0.alpha = .nan } == .outOfRange("alpha", "0.000001 to 0.5"))
        #expect(failure { $0.plannedEffect = 0 } == .outOfRange("plannedEffect", "0.001 to 10"))
        #expect(failure { $0.minimumUnits = 9 } == .outOfRange("minimumUnits", "10 to 1000000000"))
        #expect(failure { $0.latencyLimitMicros = 0 } == .outOfRange("latencyLimitMicros", "1 to 1073741824"))
        #expect(throws: ExperimentFailure.outOfRange("unitsMax", "100 to 100000000")) {
            try ExperimentAnalysis(latencyExperiment("valid"), unitsMax: 99)
        }
    }

    @Test func `guards tolerate something, once`() {
        let errors = GuardMetric(.errors, .absolute(milli: 5))
        #expect(failure { $0.guards = [errors, GuardMetric(.remoteReads, .relative(milli: 0))] } == nil)
        #expect(failure { $0.guards = [errors, errors] } == .twice("the guard of errors"))
        #expect(
            failure { $0.guards = [GuardMetric(.errors, .relative(milli: -1))] }
                == .outOfRange("a guard's relative tolerance", "0 to 100000"))
    }

    @Test func `switchbacks and bandits fit`() {
        let hour: Int64 = 3_600_000
        let switchback = Switchback(blockMillis: hour, cells: ["eu"])
        #expect(failure { $0.switchback = switchback } == nil)
        #expect(
            failure { $0.switchback = Switchback(blockMillis: 999, cells: ["eu"]) }
                == .outOfRange("switchback.blockMillis", "1000 to 31622400000"))
        #expect(
            failure { $0.switchback = Switchback(blockMillis: hour, settleMillis: hour, cells: ["eu"]) }
                == .outOfRange("switchback.settleMillis", "0 to 3599999"))
        #expect(failure { $0.switchback = Switchback(blockMillis: hour, cells: []) } == .cellCount(0))
        #expect(
            failure { $0.switchback = Switchback(blockMillis: hour, cells: ["eu", "eu"]) } == .twice("eu"))
        #expect(failure { $0.bandit = Bandit(windowMillis: hour) } == nil)
        #expect(
            failure { $0.bandit = Bandit(controlShareMilli: 600, windowMillis: hour) }
                == .share("control", milli: 500))
        #expect(
            failure { $0.bandit = Bandit(controlShareMilli: 800, leastShareMilli: 300, windowMillis: hour) }
                == .outOfRange("what a bandit's variants keep together", "1 to 1000"))
        #expect(
            failure {
                $0.switchback = switchback
                $0.bandit = Bandit(windowMillis: hour)
            } == .switchbackWithBandit)
    }

    @Test func `reasons are for people`() {
        #expect(
            "\(ExperimentFailure.sharesSum(milli: 990))" == "the shares sum to 990 thousandths, not to 1000")
        #expect("\(ExperimentFailure.outOfRange("alpha", "above 0"))" == "alpha must be above 0")
    }

    @Test func `variants and cells are found by the bytes of their names`() {
        var experiment = latencyExperiment("names")
        experiment.switchback = Switchback(blockMillis: 1_000, cells: ["eu", "eu-west"])
        withBytes("v1") { #expect(experiment.variant(named: $0) == 1) }
        withBytes("v") { #expect(experiment.variant(named: $0) == nil) }
        withBytes("v12") { #expect(experiment.variant(named: $0) == nil) }
        withBytes("") { #expect(experiment.variant(named: $0) == nil) }
        withBytes("eu-west") { #expect(experiment.cell(named: $0) == 1) }
    }
}
