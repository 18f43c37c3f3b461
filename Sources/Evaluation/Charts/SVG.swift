/// A drawing as Scalable Vector Graphics, built from its parts. Lengths are in pixels, from the top left.
struct SVG {
    /// Where a text stands, seen from its point.
    enum Anchor: String { case start, middle, end }

    private let width: Int
    private let height: Int
    private let title: String
    private var body = ""

    static let ink = "#222222"
    static let faint = "#e4e4e4"
    static let muted = "#666666"

    /// An empty drawing on white; `title` is read out to those who cannot see it.
    init(width: Int, height: Int, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    /// The whole drawing.
    var text: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
        height="\(height)" role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
        <title>\(Self.escaped(title))</title>
        <rect width="\(width)" height="\(height)" fill="#ffffff"/>
        \(body)</svg>

        """
    }

    mutating func line(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), color: String = ink, width: Double = 1,
        dash: String? = nil
    ) {
        add(
            """
            <line x1="\(Self.number(from.x))" y1="\(Self.number(from.y))" x2="\(Self.number(to.x))" \
            y2="\(Self.number(to.y))"\(Self.stroke(color, width, dash))/>
            """)
    }

    /// A line through all points that there are; it is broken where one is missing.
    mutating func path(
        _ points: [(x: Double, y: Double)?], color: String, width: Double, dash: String? = nil,
        fill: String = "none"
    ) {
        var steps = ""
        var isDown = false
        for point in points {
            if let point {
                steps += "\(isDown ? "L" : "M")\(Self.number(point.x)) \(Self.number(point.y))"
            }
            isDown = point != nil
        }
        add(
            """
            <path d="\(steps)" fill="\(fill)" stroke-linejoin="round"\(Self.stroke(color, width, dash))/>
            """)
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, fill: String, opacity: Double
    ) {
        add(
            """
            <rect x="\(Self.number(x))" y="\(Self.number(y))" width="\(Self.number(width))" \
            height="\(Self.number(height))" fill="\(fill)" fill-opacity="\(Self.number(opacity))"/>
            """)
    }

    mutating func circle(x: Double, y: Double, radius: Double, color: String, isFilled: Bool) {
        add(
            """
            <circle cx="\(Self.number(x))" cy="\(Self.number(y))" r="\(Self.number(radius))" \
            fill="\(isFilled ? color : "#ffffff")" fill-opacity="0.85"\(Self.stroke(color, 1.8, nil))/>
            """)
    }

    mutating func label(
        _ text: String, x: Double, y: Double, size: Int = 13, color: String = ink, anchor: Anchor = .start,
        isBold: Bool = false, turned: Bool = false
    ) {
        let turn = turned ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
        add(
            """
            <text x="\(Self.number(x))" y="\(Self.number(y))" font-size="\(size)" fill="\(color)" \
            text-anchor="\(anchor.rawValue)"\(isBold ? " font-weight=\"bold\"" : "")\(turn)>\
            \(Self.escaped(text))</text>
            """)
    }

    private mutating func add(_ element: String) { body += element + "\n" }

    private static func stroke(_ color: String, _ width: Double, _ dash: String?) -> String {
        " stroke=\"\(color)\" stroke-width=\"\(number(width))\""
            + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "")
    }

    private static func number(_ value: Double) -> String { value.text(decimals: 2) }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
