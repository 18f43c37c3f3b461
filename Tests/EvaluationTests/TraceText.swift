import Contracts

@testable import Evaluation

/// A trace from short texts, `customer region`, one event a second; a third word is the domain.
func trace(_ events: [String], target: EvaluationTarget = .region, limits: ClassLimits = ClassLimits())
    throws -> EvaluationTrace
{
    try trace(events.enumerated().map { (EventTime($0) * 1_000, $1) }, target: target, limits: limits)
}

/// The same with the time of each event; a fourth word is the kind.
func trace(
    _ events: [(time: EventTime, text: String)], target: EvaluationTarget = .region,
    limits: ClassLimits = ClassLimits()
) throws -> EvaluationTrace {
    var rows = TraceRows()
    for (line, event) in events.enumerated() {
        let words = event.text.split(separator: " ").map(String.init)
        try rows.add(
            customer: Array(words[0].utf8), time: event.time, region: words[1],
            domain: words.count > 2 ? words[2] : nil, kind: words.count > 3 ? words[3] : "access",
            product: nil, line: line + 2)
    }
    return try EvaluationTrace(dataset: "test", target: target, limits: limits, rows: rows)
}

/// Gives what it is told, whatever it has learned.
struct Fixed: Predictor {
    var names = ["fixed"]
    var rows: [Double]

    func predict(_ query: PredictionQuery, into out: inout MutableSpan<Double>) {
        for i in rows.indices { out[i] = rows[i] }
    }

    func learn(_ event: EvaluationTrace.Event) {}
}
