public import Contracts

/// What can be wrong. A rule's key is its name, a colon and what it is about: `bottleneck:eu-west`; what is about
/// nothing in particular is its name alone.
public enum AlertRule: String, Sendable, CaseIterable {
    /// A partition is used beyond its limit.
    case bottleneck
    /// A partition's load is far from what its own past lets expect, above or below.
    case anomalyLoad = "anomaly-load"
    /// A partition's p99 latency is far above what its own past lets expect.
    case anomalyLatency = "anomaly-latency"
    /// A partition's error rate is far above what its own past lets expect.
    case anomalyErrors = "anomaly-errors"
    /// A partition spends its error budget so fast that someone must act now.
    case errorBudgetFast = "error-budget-fast"
    /// A partition spends its error budget faster than it lasts.
    case errorBudgetSlow = "error-budget-slow"
    /// A partition that sent telemetry, or holds or feeds an open shadow, sends none.
    case telemetryMissing = "telemetry-missing"
    /// A shadow stays at one step of its ramp, or is provisioned for too long.
    case stuckRamp = "stuck-ramp"
    /// A topic is read too far behind its end.
    case lag
    /// A stage of the pipeline has input and commits nothing, although the cluster answers.
    case stageStalled = "stage-stalled"
    /// An experiment's variants are not in the ratio they were meant to be in.
    case ratioMismatch = "ratio-mismatch"
    /// Records that cannot be used come in numbers.
    case deadLetters = "dead-letters"

    /// How bad it is.
    public var severity: AlertSeverity {
        switch self {
        case .errorBudgetFast, .stageStalled: .critical
        case .anomalyLoad, .anomalyLatency, .anomalyErrors: .info
        default: .warning
        }
    }

    /// What its subject is: the name of a label. Nil if it has none.
    public var subjectLabel: String? {
        switch self {
        case .stuckRamp: "shadow"
        case .lag: "topic"
        case .stageStalled: "stage"
        case .ratioMismatch: "experiment"
        case .deadLetters: nil
        default: "partition"
        }
    }

    /// The key of an alert.
    public func key(_ subject: String) -> String { subjectLabel == nil ? rawValue : "\(rawValue):\(subject)" }

    /// The rule and the subject of a key; no rule if it is none of these.
    public static func split(_ key: String) -> (rule: AlertRule?, name: String, subject: String?) {
        guard let colon = key.firstIndex(of: ":") else { return (AlertRule(rawValue: key), key, nil) }
        let name = String(key[..<colon])
        return (AlertRule(rawValue: name), name, String(key[key.index(after: colon)...]))
    }
}
