import Testing
import Trends

@Suite("Configurations")
struct ConfigurationTests {
    private func failure(_ change: (inout PlannerConfiguration) -> Void) -> ConfigurationFailure? {
        var configuration = PlannerConfiguration()
        change(&configuration)
        do throws(ConfigurationFailure) {
            try configuration.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test("are good by default")
    func defaults() throws {
        try PlannerConfiguration().validate()
        try TrendsConfiguration().validate()
    }

    @Test("whose thresholds would let a shadow flap are refused")
    func thresholds() {
        #expect(
            failure { $0.leave.shareMilli = 100 } == .notRising("leave.shareMilli", "provision.shareMilli"))
        #expect(
            failure { $0.activate.shareMilli = 99 }
                == .notRising("provision.shareMilli", "activate.shareMilli"))
        #expect(failure { $0.activate.shareMilli = 100 } == nil)
        #expect(failure { $0.provision.volume = 5 } == .volumeIncomplete)
        func volumes(_ leave: Int64, _ provision: Int64, _ activate: Int64) -> ConfigurationFailure? {
            failure {
                ($0.leave.volume, $0.provision.volume, $0.activate.volume) = (leave, provision, activate)
            }
        }
        #expect(volumes(1, 2, 2) == nil)
        #expect(volumes(2, 2, 3) == .notRising("leave.volume", "provision.volume"))
        #expect(volumes(1, 3, 2) == .notRising("provision.volume", "activate.volume"))
    }

    @Test("whose ramp does not rise to all reads are refused")
    func ramp() {
        for steps in [[], [50], [0, 1_000], [-1, 1_000], [500, 500, 1_000], [1_000, 2_000]] as [[Int64]] {
            #expect(failure { $0.rampStepsMilli = steps } == .rampSteps, "\(steps)")
        }
        #expect(failure { $0.rampStepsMilli = [1_000] } == nil)
    }

    @Test("with numbers that cannot work are refused")
    func ranges() {
        #expect(failure { $0.windowMillis = 0 } == .outOfRange("windowMillis", allowed: 1_000...604_800_000))
        #expect(failure { $0.holdWindows = 0 } == .outOfRange("holdWindows", allowed: 1...10_000))
        #expect(failure { $0.minimumCohort = 0 } != nil)
        #expect(failure { $0.dwellWindows = 0 } != nil)
        #expect(failure { $0.coolDownWindows = -1 } != nil)
        #expect(failure { $0.guards.errorRateMilli = 1_001 } != nil)
        var trends = TrendsConfiguration()
        trends.allowedLatenessMillis = -1
        #expect(throws: ConfigurationFailure.outOfRange("allowedLatenessMillis", allowed: 0...(1 << 40))) {
            try trends.validate()
        }
    }
}
