public import Contracts

/// Forecasts one series of whole numbers that are not negative: customers, accesses, bytes.
///
/// Every window it takes one value, and then says what is expected one or more horizons ahead: a combination of
/// models by how well each did of late, at that horizon, with quantiles that are calibrated at that horizon. The
/// work per window is constant, and the same values give the same forecasts on every machine.
public struct SeriesForecaster: Sendable, Equatable {
    /// How it forecasts.
    public let configuration: ForecastConfiguration
    /// The window whose value comes next: its start in milliseconds since 1970 / the length of a window.
    public private(set) var window: Int64
    /// How often the level changed so much that memory was shortened.
    public private(set) var changes: Int64 = 0

    private var components: Components
    private var leads: [Lead]

    /// The windows there may be.
    public static let windows: ClosedRange<Int64> = -(1 << 32)...(1 << 32)

    /// A forecaster of which `firstWindow` is the first window. The configuration must have passed `validate()`.
    public init(_ configuration: ForecastConfiguration, firstWindow: Int64) {
        precondition((try? configuration.validate()) != nil, "validate the configuration first")
        self.configuration = configuration
        window = min(max(firstWindow, Self.windows.lowerBound), Self.windows.upperBound)
        components = Components(configuration)
        leads = configuration.horizons.map { Lead(horizon: $0, configuration) }
    }

    /// Takes in the value of the next window: scores what was forecast for it, learns, and forecasts anew.
    ///
    /// Values below 0 count as 0, those above `ForecastConfiguration.valueMax` as that.
    public mutating func observe(_ value: Int64) {
        let value = Float(min(max(value, 0), ForecastConfiguration.valueMax))
        if components.observe(value, hour: hour(of: window), configuration) { changes += 1 }
        for i in leads.indices {
            let means = components.forecast(
                hour: hour(of: window + Int64(leads[i].horizon)), reach: leads[i].reach, configuration)
            leads[i].observe(value, next: means, configuration)
        }
        window += 1
    }

    /// What is expected `horizon` windows after the last one observed. Nil before the first one, and for a
    /// horizon that is not in the configuration.
    public func forecast(horizon: Int) -> Forecast? {
        leads.first { $0.horizon == horizon }?.forecast
    }

    /// The mean that a component expects and its weight. Nil as `forecast(horizon:)` is.
    public func opinion(of component: Component, horizon: Int) -> (mean: Double, weight: Double)? {
        guard let lead = leads.first(where: { $0.horizon == horizon }), let means = lead.newest else {
            return nil
        }
        let place = component.rawValue
        return (Double(means[place]), Double(lead.combination.weights[place]))
    }

    /// The hour in which a window starts, counted from 1970.
    private func hour(of window: Int64) -> Int64 {
        let (hours, rest) = (window * configuration.windowMillis).quotientAndRemainder(dividingBy: 3_600_000)
        return rest < 0 ? hours - 1 : hours
    }
}

/// State as bytes.
extension SeriesForecaster {
    private static let version: UInt64 = 1

    /// Writes everything but the configuration.
    public func encode(into state: inout StateWriter) {
        state.write(Self.version)
        state.write(configuration.windowMillis)
        state.write(UInt64(leads.count))
        for lead in leads { state.write(UInt64(lead.horizon)) }
        state.write(window)
        state.write(changes)
        components.encode(into: &state)
        for lead in leads { lead.encode(into: &state) }
    }

    /// Takes everything over, as far as the reader has it: more may follow. Throws when the bytes cannot be what
    /// `encode` wrote, or are of other windows or horizons.
    public init(
        _ configuration: ForecastConfiguration, _ reader: inout StateReader
    ) throws(StateFailure) {
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let length: Int64 = try reader.read()
        if length != configuration.windowMillis {
            throw .otherShape("windows of \(length) ms, not \(configuration.windowMillis)")
        }
        var horizons: [Int] = []
        for _ in 0..<(try reader.count(limit: 1_000, "horizons")) {
            horizons.append(try reader.count(limit: 1_000, "a horizon"))
        }
        if horizons != configuration.horizons {
            throw .otherShape("horizons \(horizons), not \(configuration.horizons)")
        }
        self.init(configuration, firstWindow: 0)
        window = try reader.read(in: Self.windows, "a window")
        changes = try reader.read(in: 0...1 << 60, "changes")
        components = try Components(&reader)
        for i in leads.indices { leads[i] = try Lead(&reader, horizon: leads[i].horizon, configuration) }
    }
}
