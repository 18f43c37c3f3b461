/// Two quantities of which each is paid for with the other, as a drawing: a line a model.
package struct TradeOffChart {
    /// How a line is to be seen.
    package enum Role {
        /// What the drawing is about.
        case subject
        /// What nothing can be under.
        case bound
        /// One of the others.
        case other
    }

    /// A line through points, or a single point.
    package struct Line {
        let name: String
        let role: Role
        let points: [(x: Double, y: Double)]

        package init(name: String, role: Role, points: [(x: Double, y: Double)]) {
            self.name = name
            self.role = role
            self.points = points
        }
    }

    private let title: String
    private let xLabel: String
    private let yLabel: String
    private let lines: [Line]

    package init(title: String, xLabel: String, yLabel: String, lines: [Line]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.lines = lines
    }

    /// The drawing as SVG.
    package var drawing: String {
        var drawing = SVG(width: 960, height: 520, title: title)
        drawing.label(title, x: 80, y: 34, size: 17, isBold: true)
        let points = lines.flatMap(\.points)
        let frame = Frame(
            left: 80, right: 740, top: 60, bottom: 450, x: 0...max(1, points.map(\.x).max() ?? 1),
            y: 0...max(1, points.map(\.y).max() ?? 1))
        frame.draw(in: &drawing, xLabel: xLabel, yLabel: yLabel)
        for (number, (line, style)) in zip(lines, styles).enumerated() {
            let places = line.points.map { frame.point($0.x, $0.y) }
            drawing.path(places, color: style.color, width: style.width, dash: style.dash)
            for place in places {
                drawing.circle(
                    x: place.x, y: place.y, radius: 3, color: style.color, isFilled: line.role == .subject)
            }
            let y = 84 + 24 * Double(number)
            drawing.line(
                (760, y - 4), (796, y - 4), color: style.color, width: style.width, dash: style.dash)
            drawing.label(line.name, x: 804, y: y, isBold: line.role == .subject)
        }
        return drawing.text
    }

    private var styles: [LineStyle] {
        var number = 0
        return lines.map { line in
            switch line.role {
            case .subject: return .subject
            case .bound: return .rival
            case .other:
                number += 1
                return .other(number - 1)
            }
        }
    }
}
