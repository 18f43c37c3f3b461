import Contracts
import Forecasting

/// How flows are forecast: made of the planner's configuration.
///
/// Flows are forecast by the hour, or by the window where windows are longer.
struct FlowForecastRules: Sendable, Equatable {
    static let dayMillis: Int64 = 86_400_000

    let configuration: ForecastConfiguration
    /// Milliseconds between two values of a series.
    let stepMillis: Int64
    /// Steps in a day, at least one.
    let stepsPerDay: Int
    /// Steps ahead. The sum over a day is as late as half a day, so that much is added to the lead.
    let horizon: Int
    /// Steps without news after which a forecast starts anew.
    let gapSteps: Int64

    /// The sum over a day has no season in the day, and a season in the week is not what lifts a flow.
    static let components: [Component] = [.last, .trend]

    init(_ planner: PlannerConfiguration) {
        stepMillis = max(3_600_000, planner.windowMillis)
        stepsPerDay = max(1, Int(Self.dayMillis / stepMillis))
        let lead = (Int64(planner.leadWindows) * planner.windowMillis + stepMillis - 1) / stepMillis
        horizon = min(Int(lead) + stepsPerDay / 2, PlannerConfiguration.leadMax)
        gapSteps = Int64(planner.forecastGapHours) * 3_600_000 / stepMillis
        var configuration = ForecastConfiguration()
        configuration.windowMillis = stepMillis
        configuration.horizons = [horizon]
        configuration.components = Self.components
        // The horizon is most of a day: a slope that is damped by the hour would be gone by then. And what was
        // right for weeks of nothing is wrong within hours of a rise.
        configuration.damping = 0.97
        configuration.trendSlopeGain = 0.2
        configuration.share = 0.05
        self.configuration = configuration
    }
}

/// Forecasts the accesses per day of one flow: the customers of a home, from one other partition.
///
/// Two views are made one. From above: the accesses that were made, as a series of sums over a day. From below: the
/// sum over customers of calibrated affinity times rate. The first sees a shift within hours but not who shifts; the
/// second knows every customer but believes in a shift only after several accesses.
struct FlowForecast: Sendable, Equatable {
    /// The step that is being counted: its start / the length of a step.
    private var step: Int64
    /// Accesses in it, and the running total they are counted by.
    private var open: Int64 = 0
    private var total: Int64
    /// Accesses of the last steps, a day of them, the oldest first.
    private var day: [Int64] = []
    /// The view from below, in accesses per day.
    private var below = 0.0
    private var series: SeriesForecaster
    private var views: Reconciliation
    /// Accesses per day at the lead that nine of ten times are not exceeded.
    private var upper = 0.0
    /// Steps taken in; counts to `readyAt`.
    private var age = 0

    /// A forecast that has seen nothing. `total` is the running total so far.
    init(_ rules: FlowForecastRules, windowEnd: EventTime, total: Int64) {
        step = Self.step(of: windowEnd, rules)
        self.total = total
        series = SeriesForecaster(rules.configuration, firstWindow: step)
        views = Reconciliation(rules.configuration, horizon: rules.horizon)
    }

    /// Takes in the running total of accesses and the view from below, in accesses per day, at the end of a window.
    ///
    /// Windows in between were skipped because nobody said anything, so nothing was accessed. After too many of them,
    /// or if time cannot be, the forecast starts anew.
    mutating func observe(
        total newTotal: Int64, below newBelow: Double, windowEnd: EventTime, _ rules: FlowForecastRules
    ) {
        let current = Self.step(of: windowEnd, rules)
        if current < step || current - step > rules.gapSteps {
            self = FlowForecast(rules, windowEnd: windowEnd, total: total)
        }
        while step < current { close(rules) }
        // A source that was made anew counts from 0 again.
        let accesses = min(max(0, newTotal &- total), ForecastConfiguration.valueMax)
        open = min(open + accesses, ForecastConfiguration.valueMax)
        total = newTotal
        below = newBelow
        if windowEnd % rules.stepMillis == 0 { close(rules) }
    }

    /// Accesses per day at the lead that nine of ten times are not exceeded. Nil before forecasts of a day were held
    /// against what came: quantiles that have learned less are wide.
    func expected(_ rules: FlowForecastRules) -> Double? {
        age == Self.readyAt(rules) ? upper : nil
    }

    private mutating func close(_ rules: FlowForecastRules) {
        day.append(open)
        if day.count > rules.stepsPerDay { day.removeFirst() }
        open = 0
        step += 1
        age = min(age + 1, Self.readyAt(rules))
        guard day.count == rules.stepsPerDay else { return }
        let sum = day.reduce(0) { min($0 + $1, ForecastConfiguration.valueMax) }
        series.observe(sum)
        let above = series.forecast(horizon: rules.horizon)?.mean ?? Double(sum)
        // In what a day of steps holds, which is less than a day if steps do not divide one.
        let part = Double(rules.stepMillis * Int64(rules.stepsPerDay)) / Double(FlowForecastRules.dayMillis)
        upper = views.observe(sum, above: above, below: below * part).p90 / part
    }

    private static func readyAt(_ rules: FlowForecastRules) -> Int { 2 * rules.stepsPerDay + rules.horizon }

    /// The step that holds the last moment of a window.
    private static func step(of windowEnd: EventTime, _ rules: FlowForecastRules) -> Int64 {
        let (step, rest) = (windowEnd - 1).quotientAndRemainder(dividingBy: rules.stepMillis)
        let floor = rest < 0 ? step - 1 : step
        return min(max(floor, SeriesForecaster.windows.lowerBound), SeriesForecaster.windows.upperBound - 1)
    }
}

/// As bytes.
extension FlowForecast {
    func encode(into state: inout StateWriter) {
        for value in [step, open, total] { state.write(value) }
        state.write(UInt32(day.count))
        for count in day { state.write(count) }
        state.write(below)
        series.encode(into: &state)
        views.encode(into: &state)
        state.write(upper)
        state.write(age)
    }

    init(_ rules: FlowForecastRules, _ reader: inout StateReader) throws(StateFailure) {
        step = try reader.read(in: SeriesForecaster.windows, "a step")
        let counts = 0...ForecastConfiguration.valueMax
        open = try reader.read(in: counts, "accesses")
        total = try reader.read()
        for _ in 0..<(try reader.count(limit: rules.stepsPerDay, "steps")) {
            day.append(try reader.read(in: counts, "accesses"))
        }
        below = try reader.read()
        series = try SeriesForecaster(rules.configuration, &reader)
        views = try Reconciliation(rules.configuration, horizon: rules.horizon, &reader)
        upper = try reader.read()
        age = try reader.read(in: 0...Self.readyAt(rules), "an age")
    }

    /// A forecast from all of its bytes. Nil if it was made with another lead, and starts anew: thresholds and durations
    /// may change at any time.
    init?(restoring bytes: [UInt8], _ rules: FlowForecastRules) throws(StateFailure) {
        do throws(StateFailure) {
            var reader = StateReader(bytes.span.bytes)
            try self.init(rules, &reader)
            try reader.finish()
        } catch .otherShape {
            return nil
        } catch {
            throw error
        }
    }
}
