import Contracts

/// A level and a damped slope under a season: the innovations form of Gardner and McKenzie, "Forecasting trends
/// in time series" (1985), with the season as a factor.
///
/// The error e is brought back to the level as e p / (p^2 + 0.1) instead of e / p, p the season's factor: hours
/// in which next to nothing is expected say little about the level.
struct Level: Sendable, Equatable {
    private(set) var level: Float = 0
    private(set) var slope: Float = 0
    /// Windows seen, or still remembered since a change.
    private(set) var age: Float = 0

    /// What is expected when the season's factor is `factor`; `reach` is the sum of the damping's powers up to
    /// the horizon, 0 to leave the slope out.
    @inline(__always)
    func forecast(factor: Float, reach: Float) -> Float { max(0, factor * (level + reach * slope)) }

    /// Takes in a value in an hour of the season's factor `factor`.
    mutating func observe(_ value: Float, factor: Float, gain: Float) {
        let error = (value - factor * level) * Self.weight(factor)
        level = max(0, level + max(gain, 1 / (age + 1)) * error)
        age = min(age + 1, 1e6)
    }

    /// Takes in a value in an hour of the season's factor `factor`, with a slope.
    mutating func observe(_ value: Float, factor: Float, gain: Float, slopeGain: Float, damping: Float) {
        let damped = damping * slope
        let error = (value - factor * (level + damped)) * Self.weight(factor)
        level = max(0, level + damped + max(gain, 1 / (age + 1)) * error)
        // The first steps to a level are no slope.
        slope = damped + (age < 5 ? 0 : gain * slopeGain * error)
        age = min(age + 1, 1e6)
    }

    /// Forgets all but the last windows.
    mutating func shorten(to windows: Int) { age = min(age, Float(windows)) }

    /// 1 for a factor of 1.
    @inline(__always)
    private static func weight(_ factor: Float) -> Float { 1.1 * factor / (factor * factor + 0.1) }
}

/// As bytes.
extension Level {
    func encode(into state: inout StateWriter) {
        state.write(level)
        state.write(slope)
        state.write(age)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        level = try reader.number(in: .amount, "a level")
        slope = try reader.number(in: -1e20...1e20, "a slope")
        age = try reader.number(in: .count, "an age")
    }
}
