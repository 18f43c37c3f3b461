import Contracts

/// One window.
extension Planner {
    /// Takes every pair one window on: first those that have a shadow or wait for one, then new shadows in
    /// the places that are free. True if anything changed.
    mutating func plan(windowEnd: EventTime, _ publish: (ShadowCommand) -> Void) -> Bool {
        var changed = false
        var candidates: [Int] = []
        for place in pairs.order {
            let before = pairs[place]
            let measurement = pairs.measurement(place)
            pairs[place].demand.observe(measurement, configuration)
            step(place, measurement, isAdmitted: false, windowEnd, publish)
            let after = pairs[place]
            if after != before { changed = true }
            if after.life.canBeProvisioned, after.demand.provisionHeld(configuration) {
                candidates.append(place)
            }
        }
        for place in admitted(candidates) {
            step(place, pairs.measurement(place), isAdmitted: true, windowEnd, publish)
            changed = true
        }
        return changed
    }

    /// The candidates that save most, as many as there are free places and as the targets have room for; ties by
    /// cohort, then source, then target. Where moves need not pay, the largest cohorts.
    private func admitted(_ candidates: [Int]) -> [Int] {
        if candidates.isEmpty { return [] }
        var free = min(
            configuration.maximumOpenShadows - pairs.openCount, configuration.maximumMoves - pairs.movingCount
        )
        let ranked = candidates.map { ($0, gain(pairs.measurement($0))) }.sorted { first, second in
            let (one, other) = (pairs[first.0], pairs[second.0])
            if first.1 != second.1 { return first.1 > second.1 }
            if one.highCustomers != other.highCustomers { return one.highCustomers > other.highCustomers }
            return one.key < other.key
        }
        var chosen: [Int] = []
        var volumes: [PartitionIndex: Int64] = [:]
        for (place, _) in ranked where free > 0 {
            let pair = pairs[place]
            if let limit = configuration.partitionVolume {
                let open = volumes[pair.target] ?? pairs.openVolume(in: pair.target)
                let volume = Milli.sum(open, max(pair.anticipatedVolume, 0))
                if volume > limit { continue }
                volumes[pair.target] = volume
            }
            chosen.append(place)
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
        _ place: Int, _ measurement: Measurement, isAdmitted: Bool, _ windowEnd: EventTime,
        _ publish: (ShadowCommand) -> Void
    ) {
        var pair = pairs[place]
        let guards = guardReport(pair, windowEnd)
        let signals = LifeSignals(
            isAdmitted: isAdmitted, activateHeld: pair.demand.activateHeld(configuration),
            leaveHeld: pair.demand.leaveHeld(configuration), targetReady: isReady(pair, windowEnd),
            health: guards.health)
        let (life, announcement) = LifeCycle.next(pair.life, signals, rules)
        if life.phase != pair.life.phase { pair.since = windowEnd }
        pair.life = life
        if announcement != nil { pair.epoch += 1 }
        pairs[place] = pair
        guard let announcement else { return }
        publish(writer.command(announcement, pair, measurement, guards, windowEnd: windowEnd))
    }

    private func guardReport(_ pair: Pair, _ windowEnd: EventTime) -> GuardReport {
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
