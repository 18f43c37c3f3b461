extension Double {
    /// The number rounded to that many decimals, as 0.050. For numbers of a magnitude that tables hold.
    package func text(decimals: Int) -> String {
        guard isFinite, magnitude < 1e12 else { return "\(self)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let units = Int64((magnitude * scale).rounded())
        let sign = self < 0 && units > 0 ? "-" : ""
        let digits = String(units)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        if decimals == 0 { return sign + padded }
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
