/// How many events of each class of a trace's target fell in each window.
///
/// The last window is left out: the trace may end within it.
public struct WindowCounts: Sendable {
    /// The trace they are of.
    public let dataset: String
    /// The classes that are counted: region, domain, or both.
    public let target: EvaluationTarget
    /// The classes' names.
    public let names: [String]
    /// The length of a window in milliseconds.
    public let windowMillis: Int64
    /// The first window: its start in milliseconds since 1970 / `windowMillis`, rounded down.
    public let firstWindow: Int64
    /// The counts: by class, then by window.
    public let counts: [[Int64]]

    /// The most counts there may be, windows x classes.
    public static let countsMax = 20_000_000

    /// Counts a trace. Throws `tooManyWindows` where there would be more than `countsMax` counts, and
    /// `tooFewWindows` where the trace ends within `needed` windows.
    public init(
        _ trace: EvaluationTrace, windowMillis: Int64, atLeast needed: Int
    ) throws(EvaluationFailure) {
        func window(_ time: Int64) -> Int64 {
            let (quotient, rest) = time.quotientAndRemainder(dividingBy: windowMillis)
            return rest < 0 ? quotient - 1 : quotient
        }
        let first = window(trace.events.first?.time ?? 0)
        let windows = window(trace.events.last?.time ?? 0) - first
        if windows < needed { throw .tooFewWindows(found: Int(windows), needed: needed) }
        if windows > Int64(Self.countsMax / trace.classes.count) {
            throw .tooManyWindows(windows, classes: trace.classes.count, limit: Self.countsMax)
        }
        var counts = Array(repeating: [Int64](repeating: 0, count: Int(windows)), count: trace.classes.count)
        for event in trace.events {
            let place = Int(window(event.time) - first)
            if place < Int(windows) { counts[Int(event.target)][place] += 1 }
        }
        dataset = trace.dataset
        target = trace.target
        names = trace.classes
        self.windowMillis = windowMillis
        firstWindow = first
        self.counts = counts
    }
}
