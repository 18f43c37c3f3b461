import Glibc

/// Takes values to places in a drawing, in even steps or in even ratios.
struct Axis {
    /// What counts as equally far apart.
    enum Scale {
        /// Equal differences.
        case linear
        /// Equal ratios; values must be positive.
        case logarithmic
    }

    /// A value with a mark and a text.
    struct Tick: Equatable {
        var value: Double
        var text: String
    }

    private let low: Double
    private let high: Double
    private let start: Double
    private let end: Double
    private let scale: Scale

    /// An axis on which `values`' ends lie at `start` and `end`, in pixels.
    init(_ values: ClosedRange<Double>, from start: Double, to end: Double, scale: Scale = .linear) {
        low = values.lowerBound
        high = max(values.upperBound, values.lowerBound + 1e-9)
        self.start = start
        self.end = end
        self.scale = scale
    }

    /// Where a value lies; what is beyond an end lies at the end.
    func place(_ value: Double) -> Double {
        let value = min(high, max(low, value))
        let part =
            switch scale {
            case .linear: (value - low) / (high - low)
            case .logarithmic: log(value / low) / log(high / low)
            }
        return start + part * (end - start)
    }

    /// Round values on the axis: of a linear one evenly spaced and about `wanted`; of a logarithmic one 1, 2 and
    /// 5 times powers of ten, and more between them where these are few.
    func ticks(wanted: Int = 6) -> [Tick] {
        switch scale {
        case .linear:
            let rough = (high - low) / Double(max(1, wanted))
            let power = pow(10, floor(log10(rough)))
            let step = ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10) * power
            let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
            return stride(
                from: (low / step).rounded(.up), through: (high / step + 1e-9).rounded(.down), by: 1
            )
            .map { Tick(value: $0 * step, text: Self.grouped(($0 * step).text(decimals: decimals))) }
        case .logarithmic:
            let few = roundRatios([1, 2, 5])
            return few.count < 4 ? roundRatios([1, 1.5, 2, 3, 4, 5, 7]) : few
        }
    }

    /// Those factors times powers of ten that are on the axis.
    private func roundRatios(_ factors: [Double]) -> [Tick] {
        (Int(floor(log10(low)))...Int(ceil(log10(high)))).flatMap { power in
            factors.map { factor in
                let value = factor * pow(10, Double(power))
                let decimals = max(0, (factor == 1.5 ? 1 : 0) - power)
                return Tick(value: value, text: value.text(decimals: decimals))
            }
        }.filter { $0.value >= low * 0.999 && $0.value <= high * 1.001 }
    }

    /// Whole numbers of more than three digits with a comma before every three.
    private static func grouped(_ text: String) -> String {
        if text.contains(".") || text.count < 4 { return text }
        var grouped = ""
        for (place, digit) in text.enumerated() {
            if place > 0, (text.count - place).isMultiple(of: 3) { grouped += "," }
            grouped.append(digit)
        }
        return grouped
    }
}
