/// Numbers at a place in memory that stays the same, freed with their owner. All are 0 at first.
final class FloatBuffer {
    let count: Int
    let base: UnsafeMutablePointer<Float>

    init(_ count: Int) {
        self.count = count
        base = .allocate(capacity: max(1, count))
        base.initialize(repeating: 0, count: max(1, count))
    }

    convenience init(_ values: [Float]) {
        self.init(values.count)
        for (i, value) in values.enumerated() { base[i] = value }
    }

    deinit { base.deallocate() }

    /// A copy of all numbers.
    var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    func clear() { base.update(repeating: 0, count: count) }
}
