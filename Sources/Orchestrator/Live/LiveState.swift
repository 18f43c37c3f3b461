internal import Contracts
internal import Synchronization

/// The newest of what operators look at: commands, telemetry and alerts in full.
final class LiveState: Sendable {
    struct Totals: Sendable, Equatable {
        var reads: Int64 = 0
        var writes: Int64 = 0
        var errors: Int64 = 0
    }

    private struct State {
        var commands: [String: ShadowCommand] = [:]
        var telemetry: [Telemetry?]
        var totals: [Totals]
        var alerts: [String: Alert] = [:]
        var forecasts: [String: PartitionForecast] = [:]

        init(partitions: Int) {
            telemetry = Array(repeating: nil, count: partitions)
            totals = Array(repeating: Totals(), count: partitions)
        }
    }

    private let state: Mutex<State>
    private let partitions: PartitionMap

    init(_ partitions: PartitionMap) {
        self.partitions = partitions
        state = Mutex(State(partitions: partitions.count))
    }

    /// Forgets everything.
    func removeAll() { state.withLock { $0 = State(partitions: partitions.count) } }

    /// Takes over a command; false if a newer one is known.
    func apply(_ command: ShadowCommand) -> Bool {
        let name = command.shadow(partitions)
        return state.withLock { state in
            if let known = state.commands[name], known.epoch >= command.epoch { return false }
            state.commands[name] = command
            return true
        }
    }

    func apply(_ telemetry: Telemetry) {
        let place = Int(telemetry.partition)
        state.withLock { state in
            if let known = state.telemetry[place], known.time >= telemetry.time { return }
            state.telemetry[place] = telemetry
            state.totals[place].reads += telemetry.reads
            state.totals[place].writes += telemetry.writes
            state.totals[place].errors += telemetry.errors
        }
    }

    func apply(_ forecast: PartitionForecast) {
        let key = forecast.key(partitions)
        state.withLock { state in
            if let known = state.forecasts[key], known.windowEnd > forecast.windowEnd { return }
            state.forecasts[key] = forecast
        }
    }

    /// What is expected of every flow that matters, the most expected first.
    var forecasts: [PartitionForecast] {
        state.withLock { Array($0.forecasts.values) }.sorted {
            let (a, b) = ($0.expectedMilli, $1.expectedMilli)
            return a != b ? a > b : ($0.home, $0.partition) < ($1.home, $1.partition)
        }
    }

    func apply(_ alert: Alert) { state.withLock { $0.alerts[alert.rule] = alert } }

    /// The newest command of every shadow, by name.
    var commands: [(name: String, command: ShadowCommand)] {
        state.withLock { $0.commands }.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    /// The newest command of a shadow.
    func command(_ name: String) -> ShadowCommand? { state.withLock { $0.commands[name] } }

    /// The newest telemetry of every partition.
    var telemetry: [Telemetry?] { state.withLock { $0.telemetry } }

    /// What telemetry since the start adds up to, by partition.
    var totals: [Totals] { state.withLock { $0.totals } }

    /// Alerts, those that fire first, the newest of them first.
    var alerts: [Alert] {
        state.withLock { Array($0.alerts.values) }.sorted {
            if $0.state != $1.state { return $0.state == .firing }
            return $0.since != $1.since ? $0.since > $1.since : $0.rule < $1.rule
        }
    }
}
