import Contracts

extension StateReader {
    /// Reads a number that is in `range`.
    @_lifetime(self: copy self)
    mutating func number(in range: ClosedRange<Float>, _ what: String) throws(StateFailure) -> Float {
        let value: Float = try read()
        if !range.contains(value) { throw .outOfRange("\(what) \(value)") }
        return value
    }

    /// Reads that many numbers that are in `range`.
    @_lifetime(self: copy self)
    mutating func numbers(
        _ count: Int, in range: ClosedRange<Float>, _ what: String
    ) throws(StateFailure) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try number(in: range, what)) }
        return values
    }

    /// Reads eight numbers that are in `range`.
    @_lifetime(self: copy self)
    mutating func eight(in range: ClosedRange<Float>, _ what: String) throws(StateFailure) -> SIMD8<Float> {
        SIMD8(try numbers(8, in: range, what))
    }
}

extension StateWriter {
    /// Writes eight numbers.
    mutating func write(eight values: SIMD8<Float>) {
        for i in 0..<8 { write(values[i]) }
    }
}

extension ClosedRange<Float> {
    /// What values, levels and means can be.
    static let amount: ClosedRange<Float> = 0...1e20
    /// What sums of squares can be.
    static let square: ClosedRange<Float> = 0...1e36
    /// What ages and counts of windows can be.
    static let count: ClosedRange<Float> = 0...1e6
}
