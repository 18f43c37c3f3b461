/// What a predictor's forecasts of the share were worth.
public struct ShareScores: Sendable, Equatable {
    /// The predictor's name.
    public let name: String
    private var all = Sum()
    private var secondHalf = Sum()

    /// Losses, and the shares they are about: both weighted by what the trace knows of the coming events.
    private struct Sum: Equatable {
        var loss = 0.0
        var known = 0.0

        var mean: Double? { known > 0 ? loss / known : nil }
    }

    init(name: String) { self.name = name }

    /// The mean of the cross entropy with the realised share, per unit of share that is known; in nats.
    public var logLoss: Double? { all.mean }
    /// The same over events in the second half of the trace.
    public var logLossSecondHalf: Double? { secondHalf.mean }

    /// Adds a forecast's loss, and what the shares it was scored by sum to.
    mutating func add(loss: Double, known: Double, isInSecondHalf: Bool) {
        all.loss += loss
        all.known += known
        if !isInSecondHalf { return }
        secondHalf.loss += loss
        secondHalf.known += known
    }
}
