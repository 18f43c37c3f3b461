import Contracts

/// One window.
extension Planner {
    /// Takes every pair one window on: first those that have a shadow or wait for one, then new shadows in
    /// the places that are free. True if anything changed.
    mutating func plan(windowEnd: EventTime, _ tell: (PlannerEvent) -> Void) -> Bool {
        let moved = obeyOrders(windowEnd, tell)
        var changed = !moved.isEmpty
        var candidates: [Candidate] = []
        var views: [FlowView] = []
        for place in pairs.order {
            let (demand, life, hold) = (pairs[place].demand, pairs[place].life, pairs[place].hold)
            let (epoch, wasResting) = (pairs[place].epoch, pairs[place].isResting(configuration))
            let measurement = pairs.measurement(place)
            let expected = forecast(place, windowEnd)
            pairs[place].demand.observe(measurement, expected: expected, configuration)
            if !moved.contains(place) {
                step(place, measurement, expected, isAdmitted: false, windowEnd, tell)
            }
            let pair = pairs[place]
            let isNew = pair.life.phase != life.phase || pair.isResting(configuration) != wasResting
            if isNew, pair.epoch == epoch { tellState(of: place, windowEnd, tell) }
            let isCalling =
                pair.life.canBeProvisioned && pair.hold.rest == 0
                && pair.demand.provisionHeld(configuration)
            if isCalling || isShown(pair, expected) || pair.shown != nil {
                views.append(FlowView(place, measurement, expected))
            }
            if pair.demand != demand || pair.life != life || pair.hold != hold {
                pairs.mark(changed: place)
                changed = true
            }
            if moved.contains(place) { continue }
            if isCalling {
                let larger = measurement.orLarger(expected)
                candidates.append(
                    Candidate(place: place, expected: expected, larger: larger, gain: gain(larger)))
            }
        }
        for candidate in admitted(candidates) {
            let measurement = pairs.measurement(candidate.place)
            step(candidate.place, measurement, candidate.expected, isAdmitted: true, windowEnd, tell)
            pairs.mark(changed: candidate.place)
            changed = true
        }
        show(views, windowEnd, tell)
        observeUnused(windowEnd)
        return changed
    }

    private mutating func observeUnused(_ windowEnd: EventTime) {
        var forecast = unused ?? FlowForecast(forecastRules, windowEnd: windowEnd, total: 0)
        forecast.observe(total: 0, below: 0, windowEnd: windowEnd, forecastRules)
        unused = forecast
    }

    /// Takes the window into the pair's forecast, and says what is expected at the lead: what is measured, until a
    /// forecast can be trusted.
    private mutating func forecast(_ place: Int, _ windowEnd: EventTime) -> Measurement {
        let total = pairs[place].total
        if pairs[place].forecast == nil {
            guard total.accesses > 0 else { return pairs.measurement(place) }
            // What was not heard of yet was not accessed: that is known for as long as anything is.
            pairs[place].forecast =
                unused ?? FlowForecast(forecastRules, windowEnd: windowEnd, total: 0)
        }
        pairs[place].forecast?.observe(
            total: total.accesses, below: Double(total.anticipatedAccesses) / 1_000, windowEnd: windowEnd,
            forecastRules)
        pairs.mark(changed: place)
        guard let accesses = pairs[place].forecast?.expected(forecastRules) else {
            return pairs.measurement(place)
        }
        return pairs.measurement(
            place, accessesPerDay: accesses, highPartMilli: configuration.highPartMilli)
    }

    /// A pair that calls for a shadow.
    private struct Candidate {
        let place: Int
        let expected: Measurement
        /// What is measured or expected, whichever is more.
        let larger: Measurement
        /// What a move saves beyond its cost; 0 where moves need not pay.
        let gain: Double
    }

    /// The candidates that save most, as many as there are free places and as the targets have room for; ties by
    /// cohort, then source, then target. Where moves need not pay, the largest cohorts.
    private func admitted(_ candidates: [Candidate]) -> [Candidate] {
        if candidates.isEmpty { return [] }
        var free = min(
            configuration.maximumOpenShadows - pairs.openCount, configuration.maximumMoves - pairs.movingCount
        )
        let ranked = candidates.sorted { one, other in
            if one.gain != other.gain { return one.gain > other.gain }
            if one.larger.cohort != other.larger.cohort { return one.larger.cohort > other.larger.cohort }
            return pairs[one.place].key < pairs[other.place].key
        }
        var chosen: [Candidate] = []
        var volumes: [PartitionIndex: Int64] = [:]
        for candidate in ranked where free > 0 {
            if let limit = configuration.partitionVolume {
                let target = pairs[candidate.place].target
                let open = volumes[target] ?? pairs.openVolume(in: target)
                let volume = Milli.sum(open, candidate.larger.volume)
                if volume > limit { continue }
                volumes[target] = volume
            }
            chosen.append(candidate)
            free -= 1
        }
        return chosen
    }

    /// What a move saves beyond its cost; 0 where moves need not pay.
    private func gain(_ measurement: Measurement) -> Double {
        let costs = configuration.costs
        return costs.areAsked ? costs.saving(measurement) - costs.cost(measurement) : 0
    }

    private mutating func step(
        _ place: Int, _ measurement: Measurement, _ expected: Measurement, isAdmitted: Bool,
        _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void
    ) {
        let pair = pairs[place]
        let guards = guardReport(pair, windowEnd)
        let signals = LifeSignals(
            isAdmitted: isAdmitted, activateHeld: pair.demand.activateHeld(configuration),
            leaveHeld: pair.demand.leaveHeld(configuration), targetReady: isReady(pair, windowEnd),
            health: guards.health)
        let transition = LifeCycle.next(pair.life, pair.hold, signals, rules)
        apply(transition, to: place, guards, nil, expected: expected, windowEnd, tell)
    }

    /// Makes a transition the shadow's state, and publishes what it announces.
    mutating func apply(
        _ transition: LifeCycle.Transition, to place: Int, _ guards: GuardReport, _ order: OrderNote?,
        expected: Measurement? = nil, _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void
    ) {
        if transition.life != pairs[place].life || transition.hold != pairs[place].hold {
            pairs.mark(changed: place)
        }
        if transition.life.phase != pairs[place].life.phase { pairs[place].since = windowEnd }
        pairs[place].life = transition.life
        pairs[place].hold = transition.hold
        guard let announcement = transition.announcement else { return }
        pairs[place].epoch += 1
        let measurement = pairs.measurement(place)
        tell(
            .command(
                writer.command(
                    announcement, pairs[place], measurement, expected: expected ?? measurement, guards, order,
                    windowEnd: windowEnd)))
        if pairs[place].isResting(configuration) { tellState(of: place, windowEnd, tell) }
    }

    /// Tells what no command says.
    private func tellState(of place: Int, _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void) {
        guard let state = state(place) else { return }
        tell(.entered(state, windowEnd: windowEnd))
    }

    func guardReport(_ pair: Pair, _ windowEnd: EventTime) -> GuardReport {
        guard pair.life.isGuarded else { return .unknown }
        return GuardReport(
            source: telemetry.window(of: pair.source, endingAt: windowEnd),
            target: telemetry.window(of: pair.target, endingAt: windowEnd), limits: configuration.guards)
    }

    /// Whether the target says that the copy it is asked to make has caught up.
    private func isReady(_ pair: Pair, _ windowEnd: EventTime) -> Bool {
        guard case .provisioning = pair.life else { return false }
        let window = telemetry.window(
            of: pair.target, endingAt: windowEnd, staleness: configuration.telemetryStaleness)
        guard let window else { return false }
        return window.replicaLagMillis <= configuration.guards.replicaLagMillis
    }
}
