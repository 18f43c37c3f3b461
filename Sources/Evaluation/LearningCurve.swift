/// How log loss goes along the stream: its mean per chunk of equally many events, for each model.
public struct LearningCurve: Sendable {
    /// One model's way.
    public struct Line: Sendable {
        /// The model's name.
        public let name: String
        /// Its mean log loss per chunk, in nats; nil where nothing in the chunk was scored.
        public let losses: [Double?]
        /// Its mean log loss over everything, in nats.
        public let mean: Double
    }

    /// How many events the stream has, scored or not: chunk i of n ends at (i + 1) / n of them.
    public let events: Int
    /// The models, as in the scores.
    public let lines: [Line]

    /// Means over that many chunks. With fewer than two events a chunk is empty or one event.
    public init(_ scores: PrequentialScores, chunks: Int = 60) {
        precondition(chunks > 0, "a curve needs a chunk")
        events = scores.traceEvents
        let places = scores.events.map {
            min(chunks - 1, Int($0.index) * chunks / max(1, scores.traceEvents))
        }
        lines = scores.models.map { model in
            var sums = [SIMD2<Double>](repeating: .zero, count: chunks)
            for (place, score) in zip(places, model.scores) { sums[place] += SIMD2(1, Double(score.logLoss)) }
            let total = sums.reduce(.zero, +)
            return Line(
                name: model.name, losses: sums.map { $0[0] > 0 ? $0[1] / $0[0] : nil },
                mean: total[0] > 0 ? total[1] / total[0] : 0)
        }
    }
}
