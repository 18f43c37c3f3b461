public import Contracts

/// Decides which alerts fire: a fold over telemetry, commands and readings, by windows of event time.
///
/// Whoever owns the clock, that is the planner, calls `evaluate(windowEnd:)` at the end of each window, after what
/// belongs into it was observed. The same calls give the same alerts on every machine. What was observed of later
/// windows waits for them.
public struct AlertEvaluator: Sendable, Equatable {
    /// Its limits.
    public let configuration: AlertConfiguration
    let partitionMap: PartitionMap
    let clock: WindowClock

    /// The last window that was evaluated, counted from 1970.
    var evaluated: Int64?
    var partitions: [PartitionWatch]
    var shadows: [ShadowWatch.Key: ShadowWatch] = [:]
    var topics = Readings()
    var stages = Readings()
    var experiments = Readings()
    var deadLetters: Int64 = 0
    /// By key; only those that fire or are about to.
    var rules: [String: HeldRule] = [:]

    /// An evaluator that has seen nothing. The configuration must have passed `validate()`.
    public init(_ configuration: AlertConfiguration, partitions: PartitionMap) {
        precondition((try? configuration.validate()) != nil, "validate the configuration first")
        self.configuration = configuration
        partitionMap = partitions
        clock = WindowClock(length: configuration.windowMillis)
        self.partitions = Array(repeating: PartitionWatch(configuration), count: partitions.count)
    }

    /// The alerts that are firing, as they were given out, by rule.
    public var firing: [Alert] { rules.values.compactMap(\.alert).sorted { $0.rule < $1.rule } }

    /// Takes telemetry in. A sample belongs to the window that holds its time, as the planner sees it. False if it
    /// does not count: malformed, of an unknown partition, not newer than the partition's last one, of a window that
    /// was evaluated, or of one too many that wait.
    @discardableResult
    public mutating func observe(_ telemetry: Telemetry) -> Bool {
        let partition = Int(telemetry.partition)
        guard partition < partitions.count else { return false }
        return partitions[partition].accept(
            telemetry, window: clock.number(of: telemetry.time), evaluated: evaluated,
            limit: configuration.waitingWindowsMax)
    }

    /// Takes a command in. False if it does not count: of unknown partitions, or not newer than the shadow's last one.
    @discardableResult
    public mutating func observe(_ command: ShadowCommand) -> Bool {
        let key = ShadowWatch.Key(source: command.source, target: command.target)
        guard Int(max(key.source, key.target)) < partitions.count else { return false }
        if shadows[key] != nil { return shadows[key]?.accept(command) ?? false }
        shadows[key] = ShadowWatch(command)
        return true
    }

    /// Takes in how many more dead letters there are.
    public mutating func observe(deadLetters count: Int64) {
        deadLetters = Amount.sum(deadLetters, max(0, count))
    }

    /// Takes in how far behind its end a topic is read; the worst of a window counts. False if there are too many
    /// topics.
    @discardableResult
    public mutating func observe(lagOf topic: String, records: Int64, millis: Int64) -> Bool {
        topics.add(topic, [max(0, records), max(0, millis)], limit: configuration.subjectsMax)
    }

    /// Takes in for how long a stage has had input and committed nothing, while the cluster answered; the longest of a
    /// window counts. False if there are too many stages.
    @discardableResult
    public mutating func observe(stallOf stage: String, millis: Int64) -> Bool {
        stages.add(stage, [max(0, millis)], limit: configuration.subjectsMax)
    }

    /// Takes in with what probability chance alone makes an experiment's ratio what it is, 0 to 1, as a chi-squared
    /// test has it; the least of a window counts. False if it is none, or if there are too many experiments.
    @discardableResult
    public mutating func observe(ratioOf experiment: String, pValue: Double) -> Bool {
        guard pValue >= 0, pValue <= 1 else { return false }
        let doubt = 1_000_000_000 - Int64((pValue * 1e9).rounded())
        return experiments.add(experiment, [doubt], limit: configuration.subjectsMax)
    }

    /// Evaluates the windows that have ended by then and were not evaluated before, and returns the alerts that
    /// began to fire or ended, in the order of windows.
    ///
    /// Windows that were left out are evaluated too; beyond `gapWindows` of them are skipped, and what was learned
    /// starts anew.
    public mutating func evaluate(windowEnd: EventTime) -> [Alert] {
        let last = clock.last(endingBy: windowEnd)
        var next = evaluated.map { $0 + 1 } ?? last
        if last - next >= Int64(configuration.gapWindows) {
            for i in partitions.indices { partitions[i].startAnew(configuration) }
            next = last
        }
        var changes: [Alert] = []
        while next <= last {
            evaluateWindow(next, &changes)
            evaluated = next
            next += 1
        }
        return changes
    }
}
