import Contracts

/// What the world was told last of a flow.
struct ShownForecast: Sendable, Equatable {
    /// In thousandths of the home's customers.
    var measuredMilli: Int64
    /// The same, at the lead.
    var expectedMilli: Int64
}

/// A flow in the window that is being planned, which the world may be told of.
struct FlowView: Sendable {
    let place: Int
    let figures: ShownForecast

    init(_ place: Int, _ measurement: Measurement, _ expected: Measurement) {
        self.place = place
        figures = ShownForecast(
            measuredMilli: measurement.shareMilli, expectedMilli: expected.shareMilli)
    }
}

/// Forecasts that the world is told of.
extension Planner {
    /// Whether a flow matters enough: its shadow is open, or half of what calls for one is expected.
    func isShown(_ pair: Pair, _ expected: Measurement) -> Bool {
        pair.life.isOpen || expected.shareMilli * 2 >= configuration.provision.shareMilli
    }

    /// Tells the flows that matter and have changed, and once more those that matter no longer: the largest, as many
    /// as may be told of in a window. The others remain, and are told of in a later one.
    mutating func show(_ views: [FlowView], _ windowEnd: EventTime, _ tell: (PlannerEvent) -> Void) {
        let changed = views.filter { view in
            let shown = pairs[view.place].shown
            return isShown(view) ? shown != view.figures : shown != nil
        }
        for view in largest(changed) {
            pairs[view.place].shown = isShown(view) ? view.figures : nil
            pairs.mark(changed: view.place)
            tell(.forecast(forecast(view, windowEnd)))
        }
    }

    private func isShown(_ view: FlowView) -> Bool {
        pairs[view.place].life.isOpen
            || view.figures.expectedMilli * 2 >= configuration.provision.shareMilli
    }

    private func forecast(_ view: FlowView, _ windowEnd: EventTime) -> PartitionForecast {
        PartitionForecast(
            home: pairs[view.place].source, partition: pairs[view.place].target,
            windowStart: windowEnd - configuration.windowMillis, windowEnd: windowEnd,
            measuredMilli: view.figures.measuredMilli, expectedMilli: view.figures.expectedMilli,
            thresholdMilli: configuration.provision.shareMilli,
            expectedThresholdMilli: configuration.activate.shareMilli,
            leadWindows: Int64(configuration.leadWindows))
    }

    /// At most `forecastsMax` of them, in their order: those of which most is expected, or was the last time they were
    /// told of; ties by source, then target.
    private func largest(_ views: [FlowView]) -> [FlowView] {
        if views.count <= configuration.forecastsMax { return views }
        // Shares are thousandths, so counting them is faster than sorting.
        var counts = [Int](repeating: 0, count: 1_001)
        for view in views { counts[size(view)] += 1 }
        var (least, room) = (1_000, configuration.forecastsMax)
        while counts[least] <= room {
            room -= counts[least]
            least -= 1
        }
        return views.filter { view in
            let size = size(view)
            guard size == least, room > 0 else { return size > least }
            room -= 1
            return true
        }
    }

    private func size(_ view: FlowView) -> Int {
        Int(max(view.figures.expectedMilli, pairs[view.place].shown?.expectedMilli ?? 0))
    }
}
