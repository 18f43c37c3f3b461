/// The gated recurrent unit (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
/// statistical machine translation"), with the reset gate behind the product, as most libraries have it since:
///
///     r = sigmoid(Wr x + Ur h + br)
///     z = sigmoid(Wz x + Uz h + bz)
///     n = tanh(Wn x + bn + r * (Un h + cn))
///     h' = z * h + (1 - z) * n
///
/// x is one row of weights for each symbol, and the dense inputs. Inference and training share this code, so
/// that what was trained is what runs.
package struct RecurrentCell: Sendable {
    private let at: NetworkLayout.Cell
    private let units: Int
    private let inputs: Int
    private let symbols: SIMD4<Int32>

    package init(_ layout: NetworkLayout) {
        at = layout.cell
        units = layout.shape.hidden
        inputs = layout.shape.denseInputs
        symbols = layout.shape.symbols
    }

    /// The symbols with those the network does not have replaced by the unknown one.
    @inline(__always)
    package func known(_ given: SIMD4<Int32>) -> SIMD4<Int32> {
        given.replacing(with: 0, where: (given .< 0) .| (given .>= symbols))
    }

    /// Writes the state after an access to `next`, and r, z, n and Un h + cn, one behind the other, to `gates`.
    ///
    /// `given` must be known symbols; `dense` has the dense inputs, `hidden` and `next` the units, which must
    /// not overlap.
    package func step(
        _ weights: UnsafePointer<Float>, symbols given: SIMD4<Int32>, dense: UnsafePointer<Float>,
        hidden: UnsafePointer<Float>, gates: UnsafeMutablePointer<Float>, next: UnsafeMutablePointer<Float>
    ) {
        let width = 3 * units
        let rows = (
            weights + at.symbols[0] + Int(given[0]) * width, weights + at.symbols[1] + Int(given[1]) * width,
            weights + at.symbols[2] + Int(given[2]) * width, weights + at.symbols[3] + Int(given[3]) * width
        )
        var c = 0
        while c < units {
            var input = Sums(weights + at.bias + c, units)
            input.add(rows.0 + c, units)
            input.add(rows.1 + c, units)
            input.add(rows.2 + c, units)
            input.add(rows.3 + c, units)
            input.add(dense, inputs, weights + at.dense + c, units)
            let own = input.candidate
            input.candidate = RowSums.load(weights + at.candidateBias + c)
            input.add(hidden, units, weights + at.hidden + c, units)
            RowSums.store(input.reset, gates + c)
            RowSums.store(input.update, gates + units + c)
            RowSums.store(own, gates + 2 * units + c)
            RowSums.store(input.candidate, gates + 3 * units + c)
            c += 8
        }
        finish(hidden: hidden, gates: gates, next: next)
    }

    /// The gates and the state from their sums.
    private func finish(
        hidden: UnsafePointer<Float>, gates: UnsafeMutablePointer<Float>, next: UnsafeMutablePointer<Float>
    ) {
        var c = 0
        while c < units {
            let r = FloatMath.sigmoid(RowSums.load(gates + c))
            let z = FloatMath.sigmoid(RowSums.load(gates + units + c))
            let own = RowSums.load(gates + 2 * units + c)
            let n = FloatMath.tanh(own + r * RowSums.load(gates + 3 * units + c))
            RowSums.store(r, gates + c)
            RowSums.store(z, gates + units + c)
            RowSums.store(n, gates + 2 * units + c)
            RowSums.store(n + z * (RowSums.load(hidden + c) - n), next + c)
            c += 8
        }
    }

    /// Eight units' sums for the three gates, in registers.
    private struct Sums {
        var reset: SIMD8<Float>
        var update: SIMD8<Float>
        var candidate: SIMD8<Float>

        @inline(__always)
        init(_ row: UnsafePointer<Float>, _ units: Int) {
            reset = RowSums.load(row)
            update = RowSums.load(row + units)
            candidate = RowSums.load(row + 2 * units)
        }

        @inline(__always)
        mutating func add(_ row: UnsafePointer<Float>, _ units: Int) {
            reset += RowSums.load(row)
            update += RowSums.load(row + units)
            candidate += RowSums.load(row + 2 * units)
        }

        /// Adds rows, each times a factor.
        @inline(__always)
        mutating func add(
            _ factors: UnsafePointer<Float>, _ count: Int, _ rows: UnsafePointer<Float>, _ units: Int
        ) {
            var row = rows
            for k in 0..<count {
                let factor = SIMD8(repeating: factors[k])
                reset += factor * RowSums.load(row)
                update += factor * RowSums.load(row + units)
                candidate += factor * RowSums.load(row + 2 * units)
                row += 3 * units
            }
        }
    }
}
