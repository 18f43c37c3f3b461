import Contracts

/// The rules about topics, stages and experiments, and what all rules have in common.
extension AlertEvaluator {
    mutating func evaluateReadings(_ end: EventTime, _ changes: inout [Alert]) {
        for (topic, reading) in topics.byName.sorted(by: { $0.key < $1.key }) {
            evaluateLag(of: topic, reading, end, &changes)
        }
        for (stage, reading) in stages.byName.sorted(by: { $0.key < $1.key }) {
            evaluateStall(of: stage, reading, end, &changes)
        }
        for (experiment, reading) in experiments.byName.sorted(by: { $0.key < $1.key }) {
            evaluateRatio(of: experiment, reading, end, &changes)
        }
        let rules = rules
        topics.close(forgetAfter: configuration.forgetWindows) { rules[AlertRule.lag.key($0)] != nil }
        stages.close(forgetAfter: configuration.forgetWindows) {
            rules[AlertRule.stageStalled.key($0)] != nil
        }
        experiments.close(forgetAfter: configuration.forgetWindows) {
            rules[AlertRule.ratioMismatch.key($0)] != nil
        }
    }

    private mutating func evaluateLag(
        of topic: String, _ reading: Readings.Reading, _ end: EventTime, _ changes: inout [Alert]
    ) {
        guard let isCounted = isCounted(reading) else { return }
        let (records, millis) = (reading.worst[0], reading.worst[1])
        let isOver = records > configuration.lagRecords || millis > configuration.lagMillis
        let figures = [
            AlertFigure(
                "lagRecords", valueMilli: Amount.milli(records),
                thresholdMilli: Amount.milli(configuration.lagRecords)),
            // Milliseconds are thousandths of seconds.
            AlertFigure("lagSeconds", valueMilli: millis, thresholdMilli: configuration.lagMillis),
        ]
        step(.lag, topic, isCounted && isOver, configuration.lagHold, end, figures, &changes) {
            "\(topic) is read \(records) records and \(Amount.text(milli: millis)) s behind its end"
        }
    }

    private mutating func evaluateStall(
        of stage: String, _ reading: Readings.Reading, _ end: EventTime, _ changes: inout [Alert]
    ) {
        guard let isCounted = isCounted(reading) else { return }
        let millis = reading.worst[0]
        // Milliseconds are thousandths of seconds.
        let figure = AlertFigure(
            "stalledSeconds", valueMilli: millis, thresholdMilli: configuration.stallMillis)
        let isOver = isCounted && millis > configuration.stallMillis
        step(.stageStalled, stage, isOver, configuration.stallHold, end, [figure], &changes) {
            "\(stage) has input and has committed nothing for \(Amount.text(milli: millis)) s"
        }
    }

    private mutating func evaluateRatio(
        of experiment: String, _ reading: Readings.Reading, _ end: EventTime, _ changes: inout [Alert]
    ) {
        guard let isCounted = isCounted(reading) else { return }
        let chance = 1_000_000_000 - reading.worst[0]
        let figure = AlertFigure(
            "pValue", valueMilli: chance / 1_000_000,
            thresholdMilli: configuration.ratioPerBillion / 1_000_000)
        let isOver = chance < configuration.ratioPerBillion
        step(
            .ratioMismatch, experiment, isCounted && isOver, configuration.ratioHold, end, [figure], &changes
        ) {
            "the variants of \(experiment) are not in the ratio they were meant to be in: \(chance) in a"
                + " billion is the chance of that"
        }
    }

    /// Whether a reading is of this window. Nil if not: then nothing is known, until it has been silent for so long
    /// that it counts as gone, and as good.
    private func isCounted(_ reading: Readings.Reading) -> Bool? {
        if reading.silent == 0 { return true }
        return reading.silent >= Int64(configuration.forgetWindows) ? false : nil
    }

    /// Holds a rule against a window. `what` says what is wrong, for people.
    mutating func step(
        _ rule: AlertRule, _ subject: String, _ isOver: Bool, _ hold: AlertHold, _ end: EventTime,
        _ figures: [AlertFigure], _ changes: inout [Alert], _ what: () -> String
    ) {
        let key = rule.key(subject)
        guard isOver || rules[key] != nil else { return }
        var held = rules[key] ?? HeldRule()
        if held.step(isOver: isOver, end: end, hold) {
            let alert = Alert(
                rule: key, severity: rule.severity, state: isOver ? .firing : .resolved, since: held.since,
                what: isOver ? what() : "No more: \(held.alert?.what ?? "")", figures: figures)
            held.alert = isOver ? alert : nil
            changes.append(alert)
        }
        rules[key] = held.isIdle ? nil : held
    }
}
