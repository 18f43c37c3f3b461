import Contracts

/// Turns what a transition announces into the command that carries the shadow's whole state.
struct CommandWriter: Sendable {
    let configuration: PlannerConfiguration

    /// The command for `pair`, whose life and epoch are already the new ones, in the window that ends at
    /// `windowEnd`.
    func command(
        _ announcement: Announcement, _ pair: Pair, _ measurement: Measurement, expected: Measurement,
        _ guards: GuardReport, _ order: OrderNote? = nil, windowEnd: EventTime
    ) -> ShadowCommand {
        ShadowCommand(
            type: announcement.type, source: pair.source, target: pair.target, epoch: pair.epoch,
            phase: pair.life.phase ?? .retired, readShareMilli: pair.life.readShareMilli,
            dualWrite: pair.life.dualWrite, isPaused: pair.hold.isPaused, isPinned: pair.hold.isPinned,
            order: order, cohortSize: measurement.cohort,
            cohortShareMilli: measurement.shareMilli,
            evidence: evidence(announcement.reason, measurement, expected, guards),
            windowStart: windowEnd - configuration.windowMillis, windowEnd: windowEnd)
    }

    private func evidence(
        _ reason: Reason, _ measurement: Measurement, _ expected: Measurement, _ guards: GuardReport
    ) -> [Evidence] {
        switch reason {
        case .provisionDemand:
            demand(measurement, configuration.provision) + [cohort(measurement)] + forecast(expected)
                + saving(measurement.orLarger(expected))
        case .activateDemand:
            demand(measurement, configuration.activate) + [cohort(measurement)] + saving(measurement)
        case .leaveDemand: demand(measurement, configuration.leave)
        case .guardsGood, .guardBreached, .ordered: guards.evidence
        case .dwellOver: [dwell]
        }
    }

    private func demand(
        _ measurement: Measurement, _ threshold: DemandThreshold, share: String = "share",
        volume name: String = "anticipatedVolume"
    ) -> [Evidence] {
        let share = Evidence(
            figure: share, valueMilli: measurement.shareMilli, thresholdMilli: threshold.shareMilli)
        guard let volume = threshold.volume else { return [share] }
        return [
            share,
            Evidence(
                figure: name, valueMilli: Milli.of(measurement.volume),
                thresholdMilli: Milli.of(volume)),
        ]
    }

    /// What is expected at the lead, against the thresholds for activation.
    private func forecast(_ expected: Measurement) -> [Evidence] {
        let lead = Milli.of(Int64(configuration.leadWindows))
        return demand(expected, configuration.activate, share: "forecastShare", volume: "forecastVolume") + [
            Evidence(
                figure: "forecastCohort", valueMilli: Milli.of(expected.cohort),
                thresholdMilli: Milli.of(configuration.minimumCohort)),
            Evidence(figure: "forecastWindows", valueMilli: lead, thresholdMilli: lead),
        ]
    }

    private func cohort(_ measurement: Measurement) -> Evidence {
        Evidence(
            figure: "cohort", valueMilli: Milli.of(measurement.cohort),
            thresholdMilli: Milli.of(configuration.minimumCohort))
    }

    /// What the move saves over its horizon, against what it costs; nothing where moves need not pay.
    private func saving(_ measurement: Measurement) -> [Evidence] {
        let costs = configuration.costs
        guard costs.areAsked else { return [] }
        return [
            Evidence(
                figure: "saving", valueMilli: Milli.rounded(costs.saving(measurement)),
                thresholdMilli: Milli.rounded(costs.cost(measurement)))
        ]
    }

    /// A roll-back retires as soon as its dwell is over, so the value is the threshold.
    private var dwell: Evidence {
        let windows = Milli.of(Int64(configuration.dwellWindows))
        return Evidence(figure: "dwellWindows", valueMilli: windows, thresholdMilli: windows)
    }
}
