/// Why a configuration of alerts cannot be used.
public enum AlertConfigurationFailure: Error, Equatable, CustomStringConvertible {
    /// The named number is outside what is allowed. Choose one inside.
    case outOfRange(String, allowed: ClosedRange<Int64>)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let allowed):
            "\(name) must lie between \(allowed.lowerBound) and \(allowed.upperBound)"
        }
    }

    static func check(
        _ name: String, _ value: Int64, _ allowed: ClosedRange<Int64>
    ) throws(AlertConfigurationFailure) {
        if !allowed.contains(value) { throw .outOfRange(name, allowed: allowed) }
    }
}

extension AlertConfiguration {
    private typealias Failure = AlertConfigurationFailure
    private static let windows: ClosedRange<Int64> = 1...10_000
    private static let amounts: ClosedRange<Int64> = 0...1 << 50

    /// Throws if the numbers cannot work. `AlertEvaluator` takes only what passes here.
    public func validate() throws(AlertConfigurationFailure) {
        try Failure.check("windowMillis", windowMillis, 1_000...(7 * 86_400_000))
        try Failure.check("utilisationMilli", utilisationMilli, 1...1_000_000)
        try Failure.check("lagRecords", lagRecords, Self.amounts)
        try Failure.check("lagMillis", lagMillis, Self.amounts)
        try Failure.check("stallMillis", stallMillis, Self.amounts)
        try Failure.check("ratioPerBillion", ratioPerBillion, 1...999_999_999)
        try Failure.check("deadLetters", deadLetters, Self.amounts)
        try Failure.check("subjectsMax", Int64(subjectsMax), 1...1_000_000)
        for (name, windows) in [
            ("rampWindows", rampWindows), ("provisioningWindows", provisioningWindows),
            ("forgetWindows", forgetWindows), ("gapWindows", gapWindows),
            ("waitingWindowsMax", waitingWindowsMax),
        ] { try Failure.check(name, Int64(windows), Self.windows) }
        for (name, hold) in [
            ("bottleneckHold", bottleneckHold), ("anomaly.hold", anomaly.hold), ("budget.hold", budget.hold),
            ("missingHold", missingHold), ("lagHold", lagHold), ("stallHold", stallHold),
            ("ratioHold", ratioHold),
            ("deadLettersHold", deadLettersHold),
        ] {
            try Failure.check("\(name).fireWindows", Int64(hold.fireWindows), Self.windows)
            try Failure.check("\(name).resolveWindows", Int64(hold.resolveWindows), Self.windows)
        }
        try validateAnomaly()
        try validateBudget()
    }

    private func validateAnomaly() throws(AlertConfigurationFailure) {
        try Failure.check("anomaly.spreadMilli", anomaly.spreadMilli, 1_000...1_000_000)
        try Failure.check("anomaly.warmUpWindows", Int64(anomaly.warmUpWindows), Self.windows)
        try Failure.check("anomaly.learnWindows", Int64(anomaly.learnWindows), Self.windows)
        try Failure.check("anomaly.minimumRequests", anomaly.minimumRequests, 1...1 << 50)
        try Failure.check("anomaly.loadFloor", anomaly.loadFloor, Self.amounts)
        try Failure.check("anomaly.latencyFloorMicros", anomaly.latencyFloorMicros, Self.amounts)
        try Failure.check("anomaly.errorFloorPerMillion", anomaly.errorFloorPerMillion, 0...1_000_000)
    }

    private func validateBudget() throws(AlertConfigurationFailure) {
        try Failure.check("budget.perMillion", budget.perMillion, 1...999_999)
        try Failure.check("budget.minimumErrors", budget.minimumErrors, Self.amounts)
        for (name, limits) in [("budget.fast", budget.fast), ("budget.slow", budget.slow)] {
            try Failure.check("\(name).count", Int64(limits.count), 0...4)
            for limit in limits {
                try Failure.check("\(name).longMillis", limit.longMillis, 1_000...(90 * 86_400_000))
                // A long window is kept as parts of the short one: not too many of them.
                try Failure.check(
                    "\(name).shortMillis", limit.shortMillis,
                    max(1_000, limit.longMillis / 100)...limit.longMillis)
                try Failure.check("\(name).rateMilli", limit.rateMilli, 1...1_000_000_000)
            }
        }
    }
}
