import Synchronization

/// How far a replay is: a line that is drawn over on a terminal, and one every ten seconds elsewhere.
final class ReplayProgress: Sendable {
    private struct State {
        var done: Int64 = 0
        var next: ContinuousClock.Instant
    }

    private let what: String
    private let total: Int64?
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    private static let terminalInterval = Duration.milliseconds(200)
    private static let logInterval = Duration.seconds(10)

    /// `what` names the records; `total` is nil where nobody knows.
    init(_ what: String, total: Int64?) {
        self.what = what
        self.total = total
        state = Mutex(State(next: ContinuousClock.now + Self.interval))
    }

    private static var interval: Duration { Output.isTerminal ? terminalInterval : logInterval }

    /// How many records are done.
    var done: Int64 { state.withLock { $0.done } }

    /// Seconds since the start.
    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Notes more records and tells if it is time. `fraction` is how much of a file was read.
    func add(_ count: Int64, fraction: Double? = nil) {
        let now = ContinuousClock.now
        let due = state.withLock { state -> Int64? in
            state.done += count
            if now < state.next { return nil }
            state.next = now + Self.interval
            return state.done
        }
        guard let due else { return }
        Self.show(line(due, fraction))
    }

    /// Says how many records are done by now, and something more.
    func reach(_ count: Int64, note: String) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            state.done = count
            if now < state.next { return false }
            state.next = now + Self.interval
            return true
        }
        if isDue { Self.show("\(line(count, nil)); \(note)") }
    }

    private static func show(_ line: String) {
        if Output.isTerminal { Output.progress(line) } else { Output.note(line) }
    }

    private func line(_ done: Int64, _ fraction: Double?) -> String {
        let fraction = fraction ?? total.map { Double(done) / Double(max(1, $0)) }
        let rate = Double(done) / max(seconds, 0.001)
        let of = total.map { " of \($0)" } ?? ""
        var text = "\(done)\(of) \(what), \(Int(rate)) a second"
        if let fraction {
            text = "\(Output.bar(fraction)) \(text)"
            if fraction > 0.01 { text += ", \(Self.text(seconds * (1 / fraction - 1))) left" }
        }
        return text
    }

    /// 3725 s as 1 h 2 min.
    static func text(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    }
}
