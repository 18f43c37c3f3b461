import Contracts

/// What belongs to one horizon: the forecasts that wait for their truth, the weights and the calibration.
struct Lead: Sendable, Equatable {
    /// In windows.
    let horizon: Int
    /// Sum of the damping's powers 1 to `horizon`.
    let reach: Float
    /// The last forecasts of all components, at most `horizon`: a ring once it is full.
    private(set) var pending: [SIMD8<Float>] = []
    /// The place in `pending` of the one whose truth is due.
    private(set) var due = 0
    private(set) var combination: Combination
    private(set) var calibration = Calibration()

    init(horizon: Int, _ configuration: ForecastConfiguration) {
        self.horizon = horizon
        reach = Self.reach(horizon, configuration.damping)
        combination = Combination(configuration)
    }

    /// The newest forecast. Nil before the first one.
    var forecast: Forecast? {
        newest.map { calibration.forecast(combination.mean($0)) }
    }

    /// The newest means of all components. Nil before the first ones.
    var newest: SIMD8<Float>? {
        pending.count < horizon ? pending.last : pending[(due == 0 ? horizon : due) - 1]
    }

    /// Learns from the forecast made for this value, and keeps a new one of all components.
    mutating func observe(_ value: Float, next: SIMD8<Float>, _ configuration: ForecastConfiguration) {
        if pending.count < horizon {
            pending.append(next)
            return
        }
        let means = pending[due]
        let mean = combination.mean(means)
        combination.observe(value, means, calibration, configuration)
        calibration.observe(value, mean: mean, configuration)
        pending[due] = next
        due = due + 1 == horizon ? 0 : due + 1
    }

    private static func reach(_ horizon: Int, _ damping: Float) -> Float {
        var (reach, power): (Float, Float) = (0, 1)
        for _ in 0..<horizon {
            power *= damping
            reach += power
        }
        return reach
    }
}

/// As bytes.
extension Lead {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(pending.count))
        for means in pending { state.write(eight: means) }
        state.write(UInt64(due))
        combination.encode(into: &state)
        calibration.encode(into: &state)
    }

    init(
        _ reader: inout StateReader, horizon: Int, _ configuration: ForecastConfiguration
    ) throws(StateFailure) {
        self.horizon = horizon
        reach = Self.reach(horizon, configuration.damping)
        for _ in 0..<(try reader.count(limit: horizon, "forecasts")) {
            pending.append(try reader.eight(in: .amount, "a mean"))
        }
        // Before the ring is full, nothing is due.
        due = try reader.count(limit: pending.count < horizon ? 0 : horizon - 1, "a place")
        combination = try Combination(&reader)
        calibration = try Calibration(&reader)
    }
}
