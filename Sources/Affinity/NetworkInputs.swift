import Contracts

/// What the network is told, besides the symbols of an access and the experts' rows.
///
/// Counts and times go in as logarithms, hours and days as points on circles, everything within a few units of 0.
package struct NetworkInputs: Sendable {
    /// Numbers that go into a step along with the access.
    package static let dense = 17
    /// Numbers each head is given.
    package static let features = 18
    /// Further numbers, about the time of the access that comes, for those that know it.
    package static let timeFeatures = 10

    /// The numbers of the last step.
    package private(set) var step = [Float](repeating: 0, count: dense)
    /// The numbers of the last forecast.
    package private(set) var forecast = [Float](repeating: 0, count: features + timeFeatures)

    private let quarterHours = Circle(96)
    private let weekdays = Circle(7)
    private let days = Circle(366)

    /// Inputs that were told nothing yet.
    package init() {}

    /// Sets the numbers of a step: of an access that is about to be applied, `gap` milliseconds after the last.
    mutating func setStep(
        _ customer: borrowing Customer, _ partition: PartitionIndex, at time: EventTime, gap: Int64,
        _ population: borrowing Population
    ) {
        setTime(time, &step, 0)
        let isFirst = customer.accesses == 0
        let k = Int(partition)
        let logs = FloatMath.log(
            SIMD8(
                1 + Float(gap) / 60_000, 1 + Float(customer.accesses), population.recent[k],
                population.frequency[k], 1, 1, 1, 1))
        step[9] = logs[0] / 8
        step[10] = logs[1] / 5
        let isStay = customer.last == partition
        step[11] = !isFirst && isStay ? 1 : 0
        step[12] = isFirst ? 1 : 0
        step[13] = customer.stage == .new ? 1 : 0
        step[14] = customer.stage == .churnRisk ? 1 : 0
        step[15] = customer.stage == .dormant ? 1 : 0
        step[16] = max(-2, min(2, logs[2] - logs[3]))
    }

    /// Sets the numbers of a forecast from the experts' rows; `time` is that of the access, if it is known.
    mutating func setForecast(_ customer: borrowing Customer, _ rows: ScratchRows, at time: EventTime?) {
        let last = Int(customer.last)
        for e in 0..<Expert.atHour.rawValue {
            forecast[e] = max(-6, (rows.base + e * rows.stride)[last]) / 3
        }
        var ahead: Int64 = 0
        if let time { ahead = max(0, time - customer.lastTime) }
        let logs = FloatMath.log(
            SIMD8(
                1 + Float(customer.accesses), 1 + Float(customer.run), 1 + Float(customer.lastGap) / 60_000,
                1 + Float(ahead) / 60_000, 1, 1, 1, 1))
        forecast[13] = logs[0] / 5
        forecast[14] = logs[1] / 4
        forecast[15] = logs[2] / 8
        forecast[16] = customer.slots.count == 1 ? 1 : 0
        forecast[17] = customer.surprise / 2
        guard let time else { return }
        setTime(time, &forecast, Self.features)
        forecast[Self.features + 9] = logs[3] / 8
    }

    /// Nine numbers: twice the time of day, the day of the week, whether it is a weekend, and the time of year.
    private func setTime(_ time: EventTime, _ target: inout [Float], _ at: Int) {
        let day = EventClock.windowStart(time, 86_400_000)
        let quarter = Int((time - day) / 900_000)
        let number = Int(day / 86_400_000)
        // 1970 began on a Thursday; counted from Monday.
        let weekday = ((number + 3) % 7 + 7) % 7
        let ofYear = (number % 366 + 366) % 366
        (target[at], target[at + 1]) = quarterHours.point(quarter)
        (target[at + 2], target[at + 3]) = quarterHours.point(2 * quarter % 96)
        (target[at + 4], target[at + 5]) = weekdays.point(weekday)
        target[at + 6] = weekday >= 5 ? 1 : 0
        (target[at + 7], target[at + 8]) = days.point(ofYear)
    }
}

/// Points at even distances on a circle.
private struct Circle: Sendable {
    private var sines: [Float] = []
    private var cosines: [Float] = []

    init(_ count: Int) {
        for i in 0..<count {
            let angle = 2 * Double.pi * Double(i) / Double(count)
            sines.append(Float(Self.sine(angle)))
            cosines.append(Float(Self.sine(angle + Double.pi / 2)))
        }
    }

    func point(_ i: Int) -> (Float, Float) { (sines[i], cosines[i]) }

    /// By its series, after folding: the same on every machine.
    private static func sine(_ angle: Double) -> Double {
        let x = angle - 2 * Double.pi * (angle / (2 * Double.pi)).rounded()
        var term = x
        var sum = x
        for i in 1...12 {
            term *= -x * x / Double(2 * i * (2 * i + 1))
            sum += term
        }
        return sum
    }
}
