internal import Alerting
internal import Contracts
internal import Trends

/// The alerts of the planner: an evaluator that goes by the planner's clock and sees what the planner sees.
///
/// A window is evaluated when it is planned, and when it is over without anything in it to plan: of such quiet
/// windows `gapWindows` after the last one that was planned, and no more until there is news. So alerts depend on what
/// each source said about which window, never on whose record arrived first.
struct PlannerAlerts: Sendable {
    let configuration: AlertConfiguration
    let partitions: PartitionMap
    var evaluator: AlertEvaluator
    /// End of the newest window that was planned.
    var planned: EventTime?
    /// End of the newest window that was evaluated.
    var evaluated: EventTime?
    /// What the evaluator was told of shadows so far.
    var observations: UInt64 = 0
    /// Dead letters that wait for their window, by its end.
    var deadLetters: [EventTime: Int64] = [:]
    /// What fired by rules that were forgotten; ends with the next window.
    var orphans: [Alert] = []

    /// Whether the evaluator, or what fired before it, is another than what was saved.
    var isChanged = false
    var saved = PlannerAlerts.Saved()
    /// Parts of what was saved, while it is being restored.
    var parts: [UInt32: [UInt8]] = [:]

    init(_ pipeline: PipelineConfiguration, _ partitions: PartitionMap) {
        var configuration = pipeline.alerts
        // There is one clock.
        configuration.windowMillis = pipeline.planner.windowMillis
        self.configuration = configuration
        self.partitions = partitions
        evaluator = AlertEvaluator(configuration, partitions: partitions)
    }

    /// A record that could not be used, which counts into the window that ends then, at the latest the next one
    /// evaluated.
    mutating func countDeadLetter(_ windowEnd: EventTime) { deadLetters[windowEnd, default: 0] += 1 }

    /// Takes in what the planner tells. Returns the alerts that began or ended, in the order of windows.
    mutating func take(_ event: PlannerEvent) -> [Alert] {
        switch event {
        case .telemetry(let sample): evaluator.observe(sample)
        case .command(let command): observe(command)
        case .entered(let state, let end): observe(state, since: end)
        case .forecast: break
        case .quiet(let end): return pass(through: end)
        case .windowEnd(let end, let refused):
            if refused > 0 { deadLetters[end, default: 0] += refused }
            planned = end
            return evaluate(end)
        }
        return []
    }

    /// Evaluates quiet windows.
    private mutating func pass(through end: EventTime) -> [Alert] {
        guard let planned, let evaluated else { return [] }
        let (length, windows) = (configuration.windowMillis, Int64(configuration.gapWindows))
        let last = min(end, planned + windows * length)
        var alerts: [Alert] = []
        var next = evaluated + length
        while next <= last {
            alerts += evaluate(next)
            next += length
        }
        return alerts
    }

    private mutating func evaluate(_ end: EventTime) -> [Alert] {
        for (window, count) in deadLetters where window <= end {
            evaluator.observe(deadLetters: count)
            deadLetters[window] = nil
        }
        let ended = orphans.map { alert in
            var alert = alert
            alert.state = .resolved
            alert.since = max(0, end)
            alert.what = "No longer watched: \(alert.what)"
            return alert
        }
        orphans = []
        evaluated = end
        isChanged = true
        return ended + evaluator.evaluate(windowEnd: end)
    }
}

/// Shadows, as the evaluator is told of them.
///
/// No command says that a copy is complete, or that a ramp rests by the planner's own rules; but neither is stuck. So
/// the evaluator is told of more than commands, and of all in one count of epochs.
extension PlannerAlerts {
    private mutating func observe(_ command: ShadowCommand) {
        observations += 1
        var command = command
        command.epoch = observations
        evaluator.observe(command)
    }

    /// Where a shadow is, from the window on that ends then. A rest is to the evaluator what a pause is.
    mutating func observe(_ state: ShadowState, since: EventTime) {
        observe(
            ShadowCommand(
                type: .provision, source: state.source, target: state.target, epoch: 0, phase: state.phase,
                readShareMilli: state.readShareMilli, dualWrite: state.dualWrite,
                isPaused: state.isPaused || state.isResting, isPinned: state.isPinned,
                cohortSize: state.cohortSize, cohortShareMilli: state.cohortShareMilli, evidence: [],
                windowStart: since, windowEnd: since))
    }
}
