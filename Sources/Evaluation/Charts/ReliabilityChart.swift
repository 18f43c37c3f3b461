extension Reliability {
    /// A reliability diagram: points of equally many events, and below how often which confidence occurs.
    ///
    /// `subject` is drawn to stand out against `rival`.
    public static func chart(title: String, subject: Reliability, rival: Reliability?) -> String {
        var drawing = SVG(width: 620, height: 760, title: title)
        drawing.label(title, x: 80, y: 34, size: 17, isBold: true)
        let plane = Frame(left: 80, right: 580, top: 60, bottom: 540, x: 0...1, y: 0...1)
        plane.draw(
            in: &drawing, xLabel: "", yLabel: "how often the top class was right", xTicks: 5, yTicks: 5)
        let models = [rival, subject].compactMap { $0 }
        curves(models, subject: subject.name, from: 0, on: plane, radius: 5, in: &drawing)
        if subject.bins.count(where: { $0.confidence >= cornerStart }) >= cornerBins {
            corner(models, subject: subject.name, in: &drawing)
        }
        legend(models, subject: subject.name, in: &drawing)
        histograms(models, subject: subject.name, in: &drawing)
        return drawing.text
    }

    /// With that many points from there on, the corner of the confident ones is shown larger, too.
    private static let cornerBins = 4
    private static let cornerStart = 0.9

    private static func style(_ model: Reliability, subject: String) -> LineStyle {
        model.name == subject ? .subject : .rival
    }

    /// The diagonal, and each model's points from `low` on.
    private static func curves(
        _ models: [Reliability], subject: String, from low: Double, on plane: Frame, radius: Double,
        in drawing: inout SVG
    ) {
        drawing.line(plane.point(low, low), plane.point(1, 1), color: SVG.muted, dash: "5 4")
        for model in models {
            let color = style(model, subject: subject).color
            let points = model.bins.filter { min($0.confidence, $0.accuracy) >= low }
                .map { plane.point($0.confidence, $0.accuracy) }
            drawing.path(points, color: color, width: 1.2)
            for point in points {
                drawing.circle(
                    x: point.x, y: point.y, radius: radius, color: color, isFilled: model.name == subject)
            }
        }
    }

    /// The corner of the confident predictions, magnified where the large plane has room: far below the
    /// diagonal.
    private static func corner(_ models: [Reliability], subject: String, in drawing: inout SVG) {
        drawing.rectangle(x: 336, y: 312, width: 242, height: 218, fill: "#ffffff", opacity: 1)
        let plane = Frame(
            left: 382, right: 562, top: 322, bottom: 502, x: cornerStart...1, y: cornerStart...1)
        plane.draw(in: &drawing, xLabel: "", yLabel: "", xTicks: 2, yTicks: 2)
        drawing.line((plane.left, plane.top), (plane.right, plane.top), color: SVG.faint)
        drawing.line((plane.right, plane.top), (plane.right, plane.bottom), color: SVG.faint)
        curves(models, subject: subject, from: cornerStart, on: plane, radius: 4, in: &drawing)
    }

    private static func legend(_ models: [Reliability], subject: String, in drawing: inout SVG) {
        for (place, model) in models.reversed().enumerated() {
            let y = 86 + 24 * Double(place)
            let isSubject = model.name == subject
            drawing.circle(
                x: 102, y: y - 5, radius: 5, color: style(model, subject: subject).color,
                isFilled: isSubject)
            drawing.label(
                "\(model.name), ECE \(model.error.text(decimals: 3))", x: 116, y: y, isBold: isSubject)
        }
        let y = 86 + 24 * Double(models.count)
        drawing.line((93, y - 5), (111, y - 5), color: SVG.muted, dash: "5 4")
        drawing.label("perfectly calibrated", x: 116, y: y, color: SVG.muted)
    }

    private static func histograms(_ models: [Reliability], subject: String, in drawing: inout SVG) {
        let most = models.flatMap(\.histogram).max() ?? 1
        let frame = Frame(left: 80, right: 580, top: 600, bottom: 700, x: 0...1, y: 0...max(most, 0.01))
        frame.draw(
            in: &drawing, xLabel: "confidence: the probability of the top class", yLabel: "part of events",
            xTicks: 5, yTicks: 2)
        let width = (frame.right - frame.left) / Double(histogramParts)
        for model in models {
            let isSubject = model.name == subject
            for (part, share) in model.histogram.enumerated() where share > 0 {
                let top = frame.y.place(share)
                let bar = width / 2 - 2
                drawing.rectangle(
                    x: frame.left + Double(part) * width + (isSubject ? 1.5 : width / 2 + 0.5), y: top,
                    width: bar, height: frame.bottom - top,
                    fill: style(model, subject: subject).color, opacity: 0.85)
            }
        }
    }
}
