import Contracts

/// What part of a series' level each hour takes: by hour of the day, day of the week and hour of the week, UTC.
///
/// The windows of an hour are taken together, and a window longer than that counts as the hour it starts in.
/// Hours of the week are kept only for series that are dense enough to fill them, and if a component goes by them.
struct Season: Sendable, Equatable {
    /// Hours of the day: value / level, averaged.
    private(set) var day = [Float](repeating: 1, count: 24)
    /// Their sum over the hours in which windows start.
    private(set) var daySum: Float
    /// Days of the week: value / level, averaged; then what the hours of the day say of it, averaged.
    private(set) var weekdays = [Float](repeating: 1, count: 14)
    /// Hours of the week: value / level, averaged. Empty while the series is sparse.
    private(set) var week: [Float] = []
    /// The last value of each hour of the day.
    private(set) var yesterday = [Float](repeating: 0, count: 24)
    /// The last value of each hour of the week. Empty while the series is sparse.
    private(set) var lastWeek: [Float] = []
    /// How many hours were taken in, and how many since hours of the week are kept.
    private(set) var hours: Int64 = 0
    private(set) var weekHours: Int64 = 0

    /// The hour that is being summed, counted from 1970; none while it has no windows.
    private(set) var hour: Int64 = 0
    private(set) var windows: Float = 0
    private(set) var sum: Float = 0
    private(set) var levelSum: Float = 0

    /// A season that says nothing yet.
    init(_ configuration: ForecastConfiguration) { daySum = Float(configuration.slotsPerDay) }

    /// The place of an hour, counted from 1970, in the week: 0 to 167. Day 0 is a Thursday, which does not matter.
    @inline(__always)
    static func slot(ofHour hour: Int64) -> Int {
        let rest = Int(truncatingIfNeeded: hour % 168)
        return rest < 0 ? rest + 168 : rest
    }

    /// The factor by hour of the day and day of the week; 1 on average.
    @inline(__always)
    func dayFactor(_ slot: Int, _ configuration: ForecastConfiguration) -> Float {
        let weekday = slot / 24
        return hourFactor(slot, configuration) * (weekdays[weekday] + 0.25) / (weekdays[7 + weekday] + 0.25)
    }

    /// The factor by hour of the week; by day while the series is sparse.
    @inline(__always)
    func weekFactor(_ slot: Int, _ configuration: ForecastConfiguration) -> Float {
        week.isEmpty ? dayFactor(slot, configuration) : week[slot]
    }

    /// The value of the hour a week before; a day before while the series is sparse.
    @inline(__always)
    func weekAgo(_ slot: Int) -> Float { lastWeek.isEmpty ? yesterday[slot % 24] : lastWeek[slot] }

    /// Takes in a window's value; `hour` is the hour it starts in, counted from 1970, `level` the series' level.
    mutating func observe(
        _ value: Float, hour: Int64, level: Float, isWeekKept: Bool, _ configuration: ForecastConfiguration
    ) {
        if windows > 0, hour != self.hour { close(configuration) }
        if isWeekKept, week.isEmpty, hours >= configuration.slotsPerDay { keepWeek(configuration) }
        self.hour = hour
        sum += value
        levelSum += level
        windows += 1
        if configuration.windowMillis >= 3_600_000 { close(configuration) }
    }

    /// Learns the hour that was summed.
    private mutating func close(_ configuration: ForecastConfiguration) {
        let slot = Self.slot(ofHour: hour)
        let mean = sum / windows
        // Before an hour was seen, its naive forecast is the first value of all, not 0.
        if hours == 0 { for i in yesterday.indices { yesterday[i] = mean } }
        yesterday[slot % 24] = mean
        if !lastWeek.isEmpty { lastWeek[slot] = mean }
        // One burst in a quiet series must not be all there is of its season.
        if levelSum > 0 { learn(min(sum / levelSum, 100), slot, configuration) }
        hours += 1
        (sum, levelSum, windows) = (0, 0, 0)
    }

    private mutating func learn(_ ratio: Float, _ slot: Int, _ configuration: ForecastConfiguration) {
        let perDay = configuration.slotsPerDay
        let before = day[slot % 24]
        let gain = max(configuration.dayGain, 1 / (Float(hours / perDay) + 2))
        day[slot % 24] = before + gain * (ratio - before)
        daySum = max(1e-6, daySum + day[slot % 24] - before)

        let weekday = slot / 24
        let weekdayGain = max(
            configuration.weekGain / Float(perDay), 1 / (Float(hours / 7) + Float(perDay) / 4))
        weekdays[weekday] += weekdayGain * (ratio - weekdays[weekday])
        weekdays[7 + weekday] += weekdayGain * (hourFactor(slot, configuration) - weekdays[7 + weekday])

        if week.isEmpty { return }
        let weekGain = max(configuration.weekGain, 1 / (Float(weekHours / (7 * perDay)) + 2))
        week[slot] += weekGain * (ratio - week[slot])
        weekHours += 1
    }

    @inline(__always)
    private func hourFactor(_ slot: Int, _ configuration: ForecastConfiguration) -> Float {
        day[slot % 24] * Float(configuration.slotsPerDay) / daySum
    }

    /// Starts the hours of the week from what is known of days.
    private mutating func keepWeek(_ configuration: ForecastConfiguration) {
        week = (0..<168).map { dayFactor($0, configuration) }
        lastWeek = (0..<168).map { yesterday[$0 % 24] }
    }
}

/// As bytes.
extension Season {
    func encode(into state: inout StateWriter) {
        state.write(daySum)
        state.write(!week.isEmpty)
        for values in [day, weekdays, yesterday, week, lastWeek] {
            for value in values { state.write(value) }
        }
        state.write(hours)
        state.write(weekHours)
        state.write(hour)
        for value in [windows, sum, levelSum] { state.write(value) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        daySum = try reader.number(in: 1e-6...1e4, "a sum of factors")
        let isWeekKept: Bool = try reader.read()
        day = try reader.numbers(24, in: 0...1e3, "a factor")
        weekdays = try reader.numbers(14, in: 0...1e4, "a factor")
        yesterday = try reader.numbers(24, in: .amount, "a value")
        week = try reader.numbers(isWeekKept ? 168 : 0, in: 0...1e4, "a factor")
        lastWeek = try reader.numbers(isWeekKept ? 168 : 0, in: .amount, "a value")
        hours = try reader.read(in: 0...1 << 60, "hours")
        weekHours = try reader.read(in: 0...1 << 60, "hours")
        hour = try reader.read(in: -1 << 50...1 << 50, "an hour")
        windows = try reader.number(in: .count, "windows")
        sum = try reader.number(in: .amount, "a sum")
        levelSum = try reader.number(in: .amount, "a sum")
    }
}
