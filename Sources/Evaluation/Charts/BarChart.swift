/// Bars in groups, as a drawing.
package struct BarChart {
    /// Bars that stand together: a value a series.
    package struct Group {
        let name: String
        let values: [Double]

        package init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    private let title: String
    private let yLabel: String
    private let series: [String]
    private let groups: [Group]

    package init(title: String, yLabel: String, series: [String], groups: [Group]) {
        self.title = title
        self.yLabel = yLabel
        self.series = series
        self.groups = groups
    }

    /// The drawing as SVG.
    package var drawing: String {
        var drawing = SVG(width: 960, height: 420, title: title)
        drawing.label(title, x: 80, y: 34, size: 17, isBold: true)
        let most = groups.flatMap(\.values).max() ?? 1
        let frame = Frame(left: 80, right: 940, top: 70, bottom: 360, x: 0...1, y: 0...max(1, most))
        frame.draw(in: &drawing, xLabel: "", yLabel: yLabel, xTicks: 0)
        let colors = series.indices.map { LineStyle.other($0).color }
        let width = (frame.right - frame.left) / Double(max(1, groups.count))
        let bar = width / Double(series.count + 1)
        for (place, group) in groups.enumerated() {
            let left = frame.left + Double(place) * width + bar / 2
            for (number, value) in group.values.enumerated() {
                let top = frame.y.place(value)
                drawing.rectangle(
                    x: left + Double(number) * bar, y: top, width: bar - 2, height: frame.bottom - top,
                    fill: colors[number], opacity: 0.85)
            }
            drawing.label(
                group.name, x: left + bar * Double(series.count) / 2, y: frame.bottom + 22, size: 12,
                anchor: .middle)
        }
        for (number, name) in series.enumerated() {
            let x = 700 + 80 * Double(number)
            drawing.rectangle(x: x, y: 44, width: 12, height: 12, fill: colors[number], opacity: 0.85)
            drawing.label(name, x: x + 18, y: 55)
        }
        return drawing.text
    }
}
