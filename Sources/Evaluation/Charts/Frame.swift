/// The plane of a chart: two axes with ticks, a grid and labels.
struct Frame {
    let x: Axis
    let y: Axis
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double

    /// A plane over that part of a drawing, in pixels.
    init(
        left: Double, right: Double, top: Double, bottom: Double, x: ClosedRange<Double>,
        y: ClosedRange<Double>, yScale: Axis.Scale = .linear
    ) {
        self.left = left
        self.right = right
        self.top = top
        self.bottom = bottom
        self.x = Axis(x, from: left, to: right)
        self.y = Axis(y, from: bottom, to: top, scale: yScale)
    }

    /// Draws grid, ticks and labels; none along x with no `xTicks`.
    func draw(in drawing: inout SVG, xLabel: String, yLabel: String, xTicks: Int = 6, yTicks: Int = 6) {
        for tick in y.ticks(wanted: yTicks) {
            let at = y.place(tick.value)
            drawing.line((left, at), (right, at), color: SVG.faint)
            drawing.label(tick.text, x: left - 8, y: at + 4, size: 12, color: SVG.muted, anchor: .end)
        }
        for tick in xTicks > 0 ? x.ticks(wanted: xTicks) : [] {
            let at = x.place(tick.value)
            drawing.line((at, bottom), (at, bottom + 5), color: SVG.muted)
            drawing.label(tick.text, x: at, y: bottom + 20, size: 12, color: SVG.muted, anchor: .middle)
        }
        drawing.line((left, bottom), (right, bottom), color: SVG.muted)
        drawing.line((left, top), (left, bottom), color: SVG.muted)
        if !xLabel.isEmpty {
            drawing.label(xLabel, x: (left + right) / 2, y: bottom + 40, anchor: .middle)
        }
        if !yLabel.isEmpty {
            drawing.label(yLabel, x: left - 48, y: (top + bottom) / 2, anchor: .middle, turned: true)
        }
    }

    /// Where a pair of values lies.
    func point(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double) {
        (x.place(xValue), y.place(yValue))
    }
}
