/// How a model is drawn, so that lines can be told apart without seeing colours, too.
struct LineStyle: Equatable {
    var color: String
    var dash: String?
    var width: Double

    /// Of the model that is evaluated.
    static let subject = LineStyle(color: "#d55e00", dash: nil, width: 3)

    /// Of the best of the others.
    static let rival = LineStyle(color: "#0072b2", dash: nil, width: 2.2)

    /// Colours that remain distinct for the colour-blind, without the two above and without yellow, which is
    /// hard to see on white. Source: Okabe and Ito, "Color Universal Design" (2008).
    private static let colors = ["#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#000000", "#8c8c8c"]
    private static let dashes: [String?] = [nil, "7 3", "2 3"]

    /// Of the other model with that number.
    static func other(_ number: Int) -> LineStyle {
        LineStyle(
            color: colors[number % colors.count],
            dash: dashes[number / colors.count % dashes.count], width: 1.2)
    }
}
