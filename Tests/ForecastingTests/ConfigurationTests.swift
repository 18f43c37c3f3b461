import Forecasting
import Testing

/// Numbers that cannot work are refused with a reason.
@Suite struct ConfigurationTests {
    private func failure(_ change: (inout ForecastConfiguration) -> Void) -> ForecastFailure? {
        var configuration = ForecastConfiguration()
        change(&configuration)
        do {
            try configuration.validate()
            return nil
        } catch { return error }
    }

    @Test func `the defaults are allowed`() { #expect(failure { _ in } == nil) }

    @Test func `what is outside is named with what is allowed`() {
        #expect(failure { $0.windowMillis = 0 } == .outOfRange("windowMillis", "1,000 to 604,800,000"))
        #expect(failure { $0.horizons = [] } == .outOfRange("horizons", "1 to 1,000"))
        #expect(failure { $0.horizons = [0] } == .outOfRange("horizons", "1 to 1,000"))
        #expect(failure { $0.horizons = [3, 3] } == .twice("horizons"))
        #expect(failure { $0.components = [] } == .outOfRange("components", "at least one of all"))
        #expect(failure { $0.components = [.last, .last] } == .twice("components"))
        #expect(failure { $0.trendGain = 0 } == .outOfRange("trendGain", "above 0 and below 1"))
        #expect(failure { $0.dayGain = .nan } == .outOfRange("dayGain", "above 0 and below 1"))
        #expect(failure { $0.share = -0.1 } == .outOfRange("share", "0 to 1"))
        #expect(failure { $0.damping = 1 } == .outOfRange("damping", "0 to 0.999"))
        #expect(failure { $0.learningRate = 0 } == .outOfRange("learningRate", "above 0 and at most 10"))
        #expect(failure { $0.changeSlack = 4 } == .outOfRange("changeSlack", "0 and below 4"))
        #expect(
            failure { $0.changeThreshold = 0 }
                == .outOfRange("changeThreshold", "above 0 and at most 1,000,000"))
        #expect(failure { $0.memoryAfterChange = -1 } == .outOfRange("memoryAfterChange", "0 to 10,000"))
        #expect(
            "\(ForecastFailure.outOfRange("damping", "0 to 0.999"))" == "damping must be 0 to 0.999")
    }
}
