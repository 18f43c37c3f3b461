/// How often a model's top class is right, by how confident the model was.
public struct Reliability: Sendable {
    /// The model's name.
    public let name: String
    /// Bins of equal mass, by rising confidence.
    public let bins: [Calibration.Bin]
    /// The expected calibration error over these bins.
    public let error: Double
    /// The part of events whose confidence is in each twentieth of 0 to 1.
    public let histogram: [Double]

    /// How many equally wide parts the histogram has.
    public static let histogramParts = 20

    /// The reliability over all scored events of the model called `name`; nil where there is none.
    public init?(_ scores: PrequentialScores, name: String) {
        guard let model = scores.models.first(where: { $0.name == name }), !model.scores.isEmpty else {
            return nil
        }
        let customers = (scores.events.map(\.customer).max() ?? 0) + 1
        let calibration = Calibration(
            scores.events, model.scores, scope: .all, customerCount: Int(customers))
        var histogram = [Double](repeating: 0, count: Self.histogramParts)
        for score in model.scores {
            let part = Int(score.confidence * Float(Self.histogramParts))
            histogram[max(0, min(part, Self.histogramParts - 1))] += 1 / Double(model.scores.count)
        }
        self.name = name
        self.histogram = histogram
        bins = calibration.bins()
        error = calibration.error(weights: [Int32](repeating: 1, count: Int(customers))) ?? 0
    }
}
