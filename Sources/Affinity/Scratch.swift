/// Dense buffers for one forecast, in one array: rows of floats, `stride` apart.
///
/// The first rows are the experts' log probabilities, in the order of `Expert`. Behind them are the customer's
/// sparse counts, spread out, and rows for the logarithms of what the network forecasts of the share, of the
/// pool's forecast and of the calibrated one.
struct Scratch {
    let stride: Int
    var values: [Float]

    /// The rows behind those of the experts.
    enum Row: Int, CaseIterable {
        case own = 16
        case context, hour, atHour, short, medium, long, fading, networkShare, share, pool, forecast
    }

    static let rows = 16 + Row.allCases.count

    init(stride: Int) {
        self.stride = stride
        values = Array(repeating: 0, count: Self.rows * stride)
    }

    /// Bytes held.
    var bytes: Int { values.count * 4 }
}

/// The rows of a `Scratch`, for the kernels that fill and read it.
struct ScratchRows {
    let stride: Int
    let base: UnsafeMutablePointer<Float>

    /// The log probabilities of an expert.
    @inline(__always)
    func row(_ expert: Expert) -> UnsafeMutablePointer<Float> { base + expert.rawValue * stride }

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
}
