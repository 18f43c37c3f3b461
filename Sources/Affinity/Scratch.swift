/// Dense buffers for one forecast, in one array: rows of floats, `stride` apart.
///
/// Behind the rows there is room for one block of all experts.
///
/// The first rows are the experts' log probabilities, in the order of `Expert`. Behind them are the customer's
/// sparse counts, spread out, and rows for the logarithms of what the network forecasts of the share, of the
/// pool's forecast and of the calibrated one.
struct Scratch {
    let stride: Int
    private var memory: Memory

    /// The rows behind those of the experts.
    enum Row: Int, CaseIterable {
        case own = 16
        case context, hour, atHour, short, medium, long, fading, networkShare, share, pool, forecast
    }

    static let rows = 16 + Row.allCases.count

    init(stride: Int) {
        self.stride = stride
        memory = Memory(Self.rows * stride + 8 * Expert.rows)
    }

    /// Bytes held.
    var bytes: Int { memory.count * 4 }

    /// The rows, to be used until the next call. What a copy of the scratch puts in its rows is not seen here.
    @inline(__always)
    mutating func take() -> ScratchRows {
        if !isKnownUniquelyReferenced(&memory) { memory = Memory(memory.count) }
        return ScratchRows(stride: stride, base: memory.base)
    }

    /// Floats, all 0 at first.
    private final class Memory: @unchecked Sendable {
        // Invariant: only a scratch that alone holds it hands out its floats, as with an array's buffer.
        let base: UnsafeMutablePointer<Float>
        let count: Int

        init(_ count: Int) {
            self.count = count
            base = .allocate(capacity: count)
            base.initialize(repeating: 0, count: count)
        }

        deinit { base.deallocate() }
    }
}

/// The rows of a `Scratch`, for the kernels that fill and read it.
struct ScratchRows {
    let stride: Int
    let base: UnsafeMutablePointer<Float>

    /// The log probabilities of an expert.
    @inline(__always)
    func row(_ expert: Expert) -> UnsafeMutablePointer<Float> { base + expert.rawValue * stride }

    /// Room for one block of all experts, 8 apart.
    @inline(__always)
    var block: UnsafeMutablePointer<Float> { base + Scratch.rows * stride }

    /// A row behind those of the experts.
    @inline(__always)
    func dense(_ row: Scratch.Row) -> UnsafeMutablePointer<Float> { base + row.rawValue * stride }
}

extension UnsafePointer<Float> {
    /// The eight numbers from `index` on.
    @inline(__always)
    func eight(_ index: Int) -> SIMD8<Float> {
        UnsafeRawPointer(self + index).loadUnaligned(as: SIMD8<Float>.self)
    }
}

extension UnsafeMutablePointer<Float> {
    /// The eight numbers from `index` on.
    @inline(__always)
    func eight(_ index: Int) -> SIMD8<Float> { UnsafePointer(self).eight(index) }

    /// Puts eight numbers from `index` on.
    @inline(__always)
    func put(_ value: SIMD8<Float>, _ index: Int) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: SIMD8<Float>.self)
    }

    /// Puts sixteen numbers.
    @inline(__always)
    func put(_ value: SIMD16<Float>) {
        put(value.lowHalf, 0)
        put(value.highHalf, 8)
    }
}
