import Contracts

/// The rules, each held against one window.
extension AlertEvaluator {
    mutating func evaluateWindow(_ number: Int64, _ changes: inout [Alert]) {
        let end = clock.end(of: number)
        let shadowed = shadowedPartitions()
        for i in partitions.indices {
            let report = partitions[i].evaluate(number, configuration)
            let isExpected = partitions[i].isHeard || shadowed.contains(PartitionIndex(i))
            evaluate(report, isExpected: isExpected, of: partitionMap.names[i], end, &changes)
            evaluateBudget(partitions[i].burns, of: partitionMap.names[i], end, &changes)
        }
        for (key, shadow) in shadows.sorted(by: { $0.key < $1.key }) { evaluate(shadow, key, end, &changes) }
        evaluateReadings(end, &changes)
        let count = deadLetters
        deadLetters = 0
        let limit = configuration.deadLetters
        step(
            .deadLetters, "", count > limit, configuration.deadLettersHold, end,
            [
                AlertFigure(
                    "deadLetters", valueMilli: Amount.milli(count), thresholdMilli: Amount.milli(limit))
            ],
            &changes
        ) { "\(count) records of a window could not be used, more than \(limit)" }
    }

    private func shadowedPartitions() -> Set<PartitionIndex> {
        var found: Set<PartitionIndex> = []
        for (key, shadow) in shadows where shadow.isOpen { found.formUnion([key.source, key.target]) }
        return found
    }

    private mutating func evaluate(
        _ report: PartitionWatch.Report, isExpected: Bool, of partition: String, _ end: EventTime,
        _ changes: inout [Alert]
    ) {
        let (isMissing, hold) = (report.window == nil, configuration.missingHold)
        step(
            .telemetryMissing, partition, isMissing && isExpected, hold, end,
            [AlertFigure("windowsWithTelemetry", valueMilli: isMissing ? 0 : 1_000, thresholdMilli: 1_000)],
            &changes
        ) { "\(partition) has sent no telemetry for \(hold.fireWindows) windows" }
        // Where nothing is known, nothing begins and nothing ends.
        guard let window = report.window else { return }
        let (used, limit) = (window.utilisationMilli, configuration.utilisationMilli)
        step(
            .bottleneck, partition, used > limit, configuration.bottleneckHold, end,
            [AlertFigure("utilisation", valueMilli: used, thresholdMilli: limit)], &changes
        ) {
            "\(partition) uses \(Amount.percent(milli: used)) of its capacity, more than "
                + Amount.percent(milli: limit)
        }
        for (rule, verdict, figure) in [
            (.anomalyLoad, report.load, "requests"), (.anomalyLatency, report.latency, "latencyP99Micros"),
            (.anomalyErrors, report.errors, "errorsPerMillion"),
        ] as [(AlertRule, AnomalySeries.Verdict?, String)] {
            if let verdict { evaluate(verdict, rule, figure, of: partition, end, &changes) }
        }
    }

    private mutating func evaluate(
        _ verdict: AnomalySeries.Verdict, _ rule: AlertRule, _ figure: String, of partition: String,
        _ end: EventTime, _ changes: inout [Alert]
    ) {
        let isAbove = Double(verdict.value) > verdict.expected
        let bound = max(0, verdict.expected + (isAbove ? verdict.reach : -verdict.reach))
        let figures = [
            AlertFigure(
                figure, valueMilli: Amount.milli(verdict.value), thresholdMilli: Amount.milli(bound))
        ]
        step(rule, partition, verdict.isOutside, configuration.anomaly.hold, end, figures, &changes) {
            "\(figure) of \(partition): \(verdict.value), where \(Amount.whole(max(0, verdict.expected))) were expected"
                + " and \(isAbove ? "up" : "down") to \(Amount.whole(bound)) would be as usual"
        }
    }

    private mutating func evaluateBudget(
        _ burns: [BurnRate], of partition: String, _ end: EventTime, _ changes: inout [Alert]
    ) {
        let budget = configuration.budget
        let (fast, slow) = (burns.prefix(budget.fast.count), burns.dropFirst(budget.fast.count))
        for (rule, burns, limits) in [
            (.errorBudgetFast, fast, budget.fast), (.errorBudgetSlow, slow, budget.slow),
        ] as [(AlertRule, ArraySlice<BurnRate>, [BurnLimit])] {
            var (isOver, figures): (Bool, [AlertFigure]) = (false, [])
            for (burn, limit) in zip(burns, limits) where !isOver {
                let rates = burn.rates(perMillion: budget.perMillion)
                let (long, short) = (Amount.milli(rates.long), Amount.milli(rates.short))
                isOver =
                    min(long, short) > limit.rateMilli && rates.errors >= Double(budget.minimumErrors)
                if isOver || figures.isEmpty {
                    figures = [
                        AlertFigure("burnRateLong", valueMilli: long, thresholdMilli: limit.rateMilli),
                        AlertFigure("burnRateShort", valueMilli: short, thresholdMilli: limit.rateMilli),
                    ]
                }
            }
            let rate = figures.first?.valueMilli ?? 0
            step(rule, partition, isOver, budget.hold, end, figures, &changes) {
                "\(partition) spends its error budget \(Amount.text(milli: rate)) times as fast as it lasts"
            }
        }
    }

    private mutating func evaluate(
        _ shadow: ShadowWatch, _ key: ShadowWatch.Key, _ end: EventTime, _ changes: inout [Alert]
    ) {
        // None in the other phases.
        let limit: Int? =
            switch shadow.phase {
            case .provisioning: configuration.provisioningWindows
            case .ramping: configuration.rampWindows
            default: nil
            }
        let windows = max(0, (end - shadow.since) / clock.length)
        let isStuck = limit.map { windows >= Int64($0) && !shadow.isPaused } ?? false
        let names = partitionMap.names
        let name = "\(names[Int(key.source)])>\(names[Int(key.target)])"
        let hold = AlertHold(fireWindows: 1, resolveWindows: 1)
        step(
            .stuckRamp, name, isStuck, hold, end,
            [
                AlertFigure(
                    "windows", valueMilli: Amount.milli(windows),
                    thresholdMilli: Amount.milli(Int64(limit ?? configuration.rampWindows)))
            ], &changes
        ) {
            let share = Amount.percent(milli: shadow.readShareMilli)
            let place = shadow.phase == .ramping ? "at \(share) of reads" : shadow.phase.rawValue
            return "\(name) has been \(place) for \(windows) windows"
        }
    }
}
