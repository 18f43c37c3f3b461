extension LearningCurve {
    /// The curve as a drawing: a line a model, log loss on a logarithmic axis, the second half marked.
    ///
    /// `subject` is drawn to stand out, and the model named `rival` a little.
    public func chart(title: String, subject: String, rival: String?) -> String {
        var drawing = SVG(width: 960, height: 520, title: title)
        let frame = Frame(
            left: 80, right: 740, top: 60, bottom: 450, x: 0...Double(max(1, events)), y: span,
            yScale: .logarithmic)
        drawing.label(title, x: 80, y: 34, size: 17, isBold: true)
        drawing.rectangle(
            x: frame.x.place(Double(events / 2)), y: frame.top,
            width: frame.right - frame.x.place(Double(events / 2)), height: frame.bottom - frame.top,
            fill: "#0072b2", opacity: 0.05)
        frame.draw(in: &drawing, xLabel: "events", yLabel: "log loss, nats (lower is better)")
        let middle = frame.x.place(Double(events / 2))
        drawing.line((middle, frame.top), (middle, frame.bottom), color: SVG.muted, dash: "4 4")
        drawing.label(
            "second half →", x: middle + 6, y: frame.top - 6, size: 12, color: SVG.muted)
        let styles = styles(subject: subject, rival: rival)
        for (line, style) in zip(lines, styles).sorted(by: { $0.1.width < $1.1.width }) {
            let points = line.losses.enumerated().map { place, loss in
                loss.map {
                    frame.point((Double(place) + 0.5) / Double(line.losses.count) * Double(events), $0)
                }
            }
            drawing.path(points, color: style.color, width: style.width, dash: style.dash)
        }
        legend(styles, in: &drawing, subject: subject)
        return drawing.text
    }

    private func styles(subject: String, rival: String?) -> [LineStyle] {
        var number = 0
        return lines.map { line in
            if line.name == subject { return .subject }
            if line.name == rival { return .rival }
            number += 1
            return .other(number - 1)
        }
    }

    /// Names and means beside the plane, the best first.
    private func legend(_ styles: [LineStyle], in drawing: inout SVG, subject: String) {
        drawing.label("mean", x: 945, y: 72, size: 12, color: SVG.muted, anchor: .end)
        let ranked = zip(lines, styles).sorted { $0.0.mean < $1.0.mean }
        for (place, (line, style)) in ranked.enumerated() {
            let y = 94 + 24 * Double(place)
            drawing.line(
                (760, y - 4), (796, y - 4), color: style.color, width: style.width, dash: style.dash)
            drawing.label(line.name, x: 804, y: y, isBold: line.name == subject)
            drawing.label(
                line.mean.text(decimals: 3), x: 945, y: y, anchor: .end, isBold: line.name == subject)
        }
    }

    /// From the least to the greatest loss, with a little room; never down to nothing, which a logarithmic axis
    /// cannot show.
    private var span: ClosedRange<Double> {
        let losses = lines.flatMap(\.losses).compactMap { $0 }.filter { $0 > 0.001 }
        let low = losses.min() ?? 0.1
        let high = max(losses.max() ?? 1, low * 2)
        return low * 0.9...high * 1.1
    }
}
