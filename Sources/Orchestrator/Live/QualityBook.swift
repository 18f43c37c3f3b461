internal import Contracts
internal import Synchronization

/// How good predictions are, over the newest windows: the fold of `model-quality` and `partition-forecasts`.
final class QualityBook: Sendable {
    /// What the newest windows say together.
    struct Figures: Sendable, Equatable {
        /// Mean log loss of the next access, in nats; nil before anything was scored.
        var logLoss: Double?
        /// The same of a simple rule.
        var baselineLogLoss: Double?
        /// Expected calibration error, 0 to 1.
        var calibrationError: Double?
        /// The part of forecasts that what was measured at their lead exceeded. They are to be exceeded one time of ten.
        var forecastsExceeded: Double?
    }

    private struct State {
        var windows: [ModelQuality] = []
        /// By flow: what was expected of which window's end.
        var expected: [String: [(due: EventTime, milli: Int64)]] = [:]
        var scored: [(exceeded: Bool, at: EventTime)] = []
        var newest: [String: EventTime] = [:]
    }

    private let state = Mutex(State())

    /// Records that are looked at together: some days of hours for each of a few tasks.
    private static let windowsMax = 500
    private static let scoredMax = 1_000
    /// Forecasts of one flow that wait for their time.
    private static let waitingMax = 64
    private static let flowsMax = 10_000

    /// Forgets everything.
    func removeAll() { state.withLock { $0 = State() } }

    func apply(_ quality: ModelQuality) {
        state.withLock { state in
            let isKnown = state.windows.contains {
                $0.source == quality.source && $0.windowEnd == quality.windowEnd && $0.model == quality.model
            }
            if isKnown { return }
            state.windows.append(quality)
            if state.windows.count > Self.windowsMax { state.windows.removeFirst() }
        }
    }

    /// A forecast of a flow says what is measured, too: so it scores those that were made for its window.
    func apply(_ forecast: PartitionForecast, key: String) {
        state.withLock { state in
            if let newest = state.newest[key], newest >= forecast.windowEnd { return }
            if state.newest[key] == nil, state.newest.count >= Self.flowsMax { return }
            state.newest[key] = forecast.windowEnd
            var waiting = state.expected[key] ?? []
            for made in waiting where made.due == forecast.windowEnd {
                state.scored.append((forecast.measuredMilli > made.milli, forecast.windowEnd))
            }
            waiting.removeAll { $0.due <= forecast.windowEnd }
            let length = forecast.windowEnd - forecast.windowStart
            waiting.append((forecast.windowEnd + length * forecast.leadWindows, forecast.expectedMilli))
            state.expected[key] = waiting.suffix(Self.waitingMax)
            if state.scored.count > Self.scoredMax {
                state.scored.removeFirst(state.scored.count - Self.scoredMax)
            }
        }
    }

    var figures: Figures {
        let (windows, scored) = state.withLock { ($0.windows, $0.scored) }
        var figures = Figures()
        if !scored.isEmpty {
            figures.forecastsExceeded = Double(scored.count { $0.exceeded }) / Double(scored.count)
        }
        let accesses = windows.reduce(0.0) { $0 + Double($1.accesses) }
        guard accesses > 0 else { return figures }
        figures.logLoss =
            windows.reduce(0.0) { $0 + Double($1.logLossMicro) * Double($1.accesses) } / accesses / 1e6
        figures.baselineLogLoss =
            windows.reduce(0.0) { $0 + Double($1.baselineLogLossMicro) * Double($1.accesses) } / accesses
            / 1e6
        figures.calibrationError = Self.together(windows).expectedCalibrationError
        return figures
    }

    /// All windows as if they were one: the error of a bin shows only where it has seen enough.
    private static func together(_ windows: [ModelQuality]) -> ModelQuality {
        var sum = ModelQuality(
            source: 0, windowStart: 0, windowEnd: 0, model: "", accesses: 0, logLossMicro: 0,
            baselineLogLossMicro: 0, calibration: Array(repeating: .init(), count: ModelQuality.binCount))
        for place in sum.calibration.indices {
            let bins = windows.compactMap {
                $0.calibration.indices.contains(place) ? $0.calibration[place] : nil
            }
            let count = bins.reduce(0) { $0 + $1.count }
            let weight = bins.reduce(0.0) { $0 + Double($1.count) * Double($1.confidenceMicro) }
            sum.calibration[place] = .init(
                count: count, confidenceMicro: count > 0 ? Int64(weight / Double(count)) : 0,
                hits: bins.reduce(0) { $0 + $1.hits })
        }
        return sum
    }
}
