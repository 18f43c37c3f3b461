/// How bad an alert is.
public enum AlertSeverity: String, Sendable, CaseIterable {
    /// Worth knowing.
    case info
    /// Someone should look at it soon.
    case warning
    /// Someone should look at it now.
    case critical
}

/// Whether an alert holds.
public enum AlertState: String, Sendable, CaseIterable {
    /// It holds.
    case firing
    /// It held, and does no more.
    case resolved
}

/// One figure an alert rests on, beside the threshold it was held against.
public struct AlertFigure: Sendable, Equatable {
    /// What was measured: `utilisation`, `burnRate`, `lagRecords`, ...
    public var name: String
    /// The value measured, in thousandths of the figure's unit.
    public var valueMilli: Int64
    /// The threshold, in the same unit.
    public var thresholdMilli: Int64

    /// Names a figure, its value and its threshold.
    public init(_ name: String, valueMilli: Int64, thresholdMilli: Int64) {
        self.name = name
        self.valueMilli = valueMilli
        self.thresholdMilli = thresholdMilli
    }
}

/// What `alerts` carries: the whole state of one alert, keyed by its rule.
public struct Alert: Sendable, Equatable {
    /// The most UTF-8 bytes of `rule`.
    public static let ruleBytesMax = 1_024

    /// The rule and what it is about: `bottleneck:eu-west`. Also the record's key; 1 to `ruleBytesMax` bytes.
    public var rule: String
    /// How bad it is.
    public var severity: AlertSeverity
    /// Whether it holds.
    public var state: AlertState
    /// Since when it is in this state: end of the first window that said so, 0 or later.
    public var since: EventTime
    /// What is wrong, for people.
    public var what: String
    /// What it rests on.
    public var figures: [AlertFigure]

    /// Makes an alert from its parts.
    public init(
        rule: String, severity: AlertSeverity, state: AlertState, since: EventTime, what: String,
        figures: [AlertFigure]
    ) {
        self.rule = rule
        self.severity = severity
        self.state = state
        self.since = since
        self.what = what
        self.figures = figures
    }
}
