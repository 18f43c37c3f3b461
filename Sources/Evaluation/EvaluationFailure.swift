public import Contracts

/// Why a trace or a predictor cannot be evaluated.
public enum EvaluationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The row on this line is earlier than one before it. Sort the trace by time.
    case notSorted(line: Int, time: EventTime, previous: EventTime)
    /// The target has fewer than two classes. Choose another target, or raise the limit of classes.
    case tooFewClasses(EvaluationTarget, found: Int)
    /// No event is to be scored: no customer comes twice, or none after the gap that is asked for.
    case nothingToScore
    /// A predictor gave something that is no distribution over the classes; `sum` is what it sums to.
    /// The predictor is wrong, and figures about it would be too.
    case notADistribution(model: String, event: Int, sum: Double)
    /// The trace ends before there is a window to score. Choose shorter windows or a shorter horizon.
    case tooFewWindows(found: Int, needed: Int)
    /// The trace has more windows than are counted. Choose longer windows.
    case tooManyWindows(Int64, classes: Int, limit: Int)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .notSorted(let line, let time, let previous):
            "line \(line): time \(time) is before \(previous), the time of an earlier row; sort the trace by time"
        case .tooFewClasses(let target, let found):
            "nothing to predict: the trace has \(found) classes of '\(target.rawValue)', and 2 are needed"
        case .nothingToScore:
            "nothing to score: no customer has an event after another one (and after the gap asked for)"
        case .notADistribution(let model, let event, let sum):
            "'\(model)' gave no distribution for event \(event): its probabilities sum to \(sum)"
        case .tooFewWindows(let found, let needed):
            "nothing to score: the trace has \(found) whole windows, and \(needed) are needed"
        case .tooManyWindows(let windows, let classes, let limit):
            "\(windows) windows of \(classes) classes are more than \(limit) counts; choose longer windows"
        }
    }
}
