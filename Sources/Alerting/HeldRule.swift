import Contracts

/// Whether a rule's alert fires, and for how many windows in a row things have been otherwise.
struct HeldRule: Sendable, Equatable {
    /// The alert that was given out when it began to fire; nil if it does not.
    var alert: Alert?
    /// Windows in a row in which a limit was exceeded though it does not fire, or not though it does.
    private(set) var row: Int64 = 0
    /// End of the first of them.
    private(set) var since: EventTime = 0

    init() {}

    /// Takes a window in. True if this is the window that turns it.
    mutating func step(isOver: Bool, end: EventTime, _ hold: AlertHold) -> Bool {
        if isOver == (alert != nil) {
            row = 0
            return false
        }
        if row == 0 { since = max(0, end) }
        row += 1
        if row < Int64(alert == nil ? hold.fireWindows : hold.resolveWindows) { return false }
        row = 0
        return true
    }

    /// Whether there is nothing to remember.
    var isIdle: Bool { alert == nil && row == 0 }
}

/// As bytes.
extension HeldRule {
    func encode(into state: inout StateWriter) {
        state.write(row)
        state.write(since)
        state.write(alert != nil)
        guard let alert else { return }
        state.write(alert.since)
        state.write(alert.what.utf8Span.span.bytes)
        state.write(UInt64(alert.figures.count))
        for figure in alert.figures {
            state.write(figure.name.utf8Span.span.bytes)
            state.write(figure.valueMilli)
            state.write(figure.thresholdMilli)
        }
    }

    /// `key` is the rule's.
    init(_ reader: inout StateReader, key: String) throws(StateFailure) {
        guard let rule = AlertRule.split(key).rule else { throw .outOfRange("a rule '\(key)'") }
        row = try reader.read(in: 0...10_000, "windows in a row")
        since = try reader.read(in: 0...WindowClock.near.upperBound, "a time")
        let isFiring: Bool = try reader.read()
        guard isFiring else { return }
        let since: EventTime = try reader.read(in: 0...WindowClock.near.upperBound, "a time")
        let what = String(decoding: try reader.readBytes(), as: UTF8.self)
        var figures: [AlertFigure] = []
        for _ in 0..<(try reader.count(limit: 16, "figures")) {
            let name = String(decoding: try reader.readBytes(), as: UTF8.self)
            figures.append(
                AlertFigure(name, valueMilli: try reader.read(), thresholdMilli: try reader.read()))
        }
        alert = Alert(
            rule: key, severity: rule.severity, state: .firing, since: since, what: what, figures: figures)
    }
}
