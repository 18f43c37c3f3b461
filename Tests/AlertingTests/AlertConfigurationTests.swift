import Alerting
import Testing

@Suite struct AlertConfigurationTests {
    private static let bad: [(String, @Sendable (inout AlertConfiguration) -> Void)] = [
        ("windowMillis", { $0.windowMillis = 999 }), ("utilisationMilli", { $0.utilisationMilli = 0 }),
        ("bottleneckHold.fireWindows", { $0.bottleneckHold.fireWindows = 0 }),
        ("lagHold.resolveWindows", { $0.lagHold.resolveWindows = 10_001 }),
        ("anomaly.spreadMilli", { $0.anomaly.spreadMilli = 999 }),
        ("budget.perMillion", { $0.budget.perMillion = 1_000_000 }),
        ("budget.slow.shortMillis", { $0.budget.slow[0].shortMillis = 259_200_001 }),
        ("budget.fast.shortMillis", { $0.budget.fast[1].shortMillis = 1_000 }),
        (
            "budget.fast.count",
            { $0.budget.fast += $0.budget.fast + $0.budget.fast }
        ), ("ratioPerBillion", { $0.ratioPerBillion = 0 }), ("lagRecords", { $0.lagRecords = -1 }),
        ("forgetWindows", { $0.forgetWindows = 0 }),
    ]

    @Test(arguments: 0..<bad.count)
    func `a number that cannot work is named`(place: Int) {
        let (name, change) = Self.bad[place]
        var configuration = AlertConfiguration()
        change(&configuration)
        #expect {
            try configuration.validate()
        } throws: { failure in
            guard case .outOfRange(let named, _)? = failure as? AlertConfigurationFailure else {
                return false
            }
            return named == name
        }
    }

    @Test func `the defaults work`() throws { try AlertConfiguration().validate() }

    @Test(arguments: AlertRule.allCases)
    func `a rule's key tells the rule and its subject`(rule: AlertRule) {
        let split = AlertRule.split(rule.key("a:b"))
        #expect(split.rule == rule)
        #expect(split.subject == (rule.subjectLabel == nil ? nil : "a:b"))
    }
}
