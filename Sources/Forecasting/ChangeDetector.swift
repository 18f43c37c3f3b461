import Contracts

/// Finds changes of a level: two one-sided cumulative sums of standardised errors (Page, "Continuous inspection
/// schemes", 1954).
///
/// The variance is in proportion to what is expected. An error counts as at most four standard deviations, so
/// that it takes several to make a change: a burst is none.
struct ChangeDetector: Sendable, Equatable {
    private(set) var above: Float = 0
    private(set) var below: Float = 0
    /// Sums of squared errors and of what was expected, fading.
    private(set) var squares: Float = 1
    private(set) var means: Float = 1

    /// Takes in a value and what was expected. True if the errors on one side have become too many.
    mutating func observe(_ value: Float, expected: Float, _ configuration: ForecastConfiguration) -> Bool {
        let error = value - expected
        let dispersion = min(squares / max(means, 1e-6), 1e15)
        let variance = dispersion * expected + 1 / 12
        let deviation = max(-4, min(4, error / variance.squareRoot()))
        above = max(0, above + deviation - configuration.changeSlack)
        below = max(0, below - deviation - configuration.changeSlack)
        let kept = 1 - configuration.dispersionGain
        squares = squares * kept + min(error * error, 16 * variance)
        means = means * kept + expected
        if max(above, below) <= configuration.changeThreshold { return false }
        (above, below) = (0, 0)
        return true
    }
}

/// As bytes.
extension ChangeDetector {
    func encode(into state: inout StateWriter) {
        for value in [above, below, squares, means] { state.write(value) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        above = try reader.number(in: 0...1e6, "a sum of errors")
        below = try reader.number(in: 0...1e6, "a sum of errors")
        squares = try reader.number(in: .square, "a sum of squares")
        means = try reader.number(in: .amount, "a sum of means")
    }
}
