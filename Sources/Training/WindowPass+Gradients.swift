import Affinity

extension WindowPass {
    /// Goes back through the cell, step by step, and leaves the gradients by what its gates sum up.
    func backward(_ examples: ArraySlice<Example>, _ context: Context) {
        let units = shape.hidden
        tape.carried.clear()
        for (step, example) in examples.enumerated().reversed() {
            goBack(step)
            let carried = tape.carried.base
            if example.isFirst {
                carried.update(repeating: 0, count: units)
            } else {
                RowSums.add(
                    tape.recurrentGradients.base + step * 3 * units, count: 3 * units,
                    rows: context.transposes.base + context.transposes.recurrent, rowStride: units,
                    width: units, to: carried)
            }
        }
    }

    /// One step back: the formulas of `RecurrentCell`, differentiated.
    private func goBack(_ step: Int) {
        let units = shape.hidden
        let before = tape.states.base + step * units
        let gates = tape.gates.base + step * 4 * units
        let heads = tape.stateGradients.base + step * units
        let input = tape.inputGradients.base + step * 3 * units
        let recurrent = tape.recurrentGradients.base + step * 3 * units
        let carried = tape.carried.base
        for c in stride(from: 0, to: units, by: 8) {
            let r = RowSums.load(gates + c)
            let z = RowSums.load(gates + units + c)
            let n = RowSums.load(gates + 2 * units + c)
            let own = RowSums.load(gates + 3 * units + c)
            let dh = RowSums.load(carried + c) + RowSums.load(heads + c)
            let dn = dh * (1 - z) * (1 - n * n)
            let dz = dh * (RowSums.load(before + c) - n) * z * (1 - z)
            let dr = dn * own * r * (1 - r)
            RowSums.store(dr, input + c)
            RowSums.store(dz, input + units + c)
            RowSums.store(dn, input + 2 * units + c)
            RowSums.store(dr, recurrent + c)
            RowSums.store(dz, recurrent + units + c)
            RowSums.store(dn * r, recurrent + 2 * units + c)
            RowSums.store(dh * z, carried + c)
        }
    }

    /// Adds the gradients by the cell's weights, each row summed over all steps at once.
    func addCellGradients(_ examples: ArraySlice<Example>) {
        let (units, steps, g, at) = (shape.hidden, examples.count, gradient.base, layout.cell)
        let width = 3 * units
        let input = tape.inputGradients.base
        let recurrent = tape.recurrentGradients.base
        for (step, example) in examples.enumerated() {
            let symbols = set.records[Int(example.input)].symbols
            for i in 0..<4 {
                add(input + step * width, to: g + at.symbols[i] + Int(symbols[i]) * width, count: width)
            }
        }
        addRows(tape.dense.base, shape.denseInputs, steps, input, width, width, to: g + at.dense)
        addRows(tape.states.base, units, steps, recurrent, width, width, to: g + at.hidden)
        addSum(steps, input, width, width, to: g + at.bias)
        addSum(steps, recurrent + 2 * units, width, units, to: g + at.candidateBias)
    }

    /// Adds the gradients by a head's weights.
    func addGradients(_ head: NetworkHead, steps: Int) {
        let (g, at, trace) = (gradient.base, layout.head(head), tape.heads[head.rawValue])
        let (q, dq, headUnits) = (trace.units.base, trace.unitGradients.base, shape.headUnits)
        let (logits, stride) = (trace.logitGradients.base, shape.partitionStride)
        let (gates, gateStride) = (trace.gateGradients.base, at.expertStride)
        addRows(
            trace.hidden.base, shape.hidden, steps, dq, headUnits, headUnits, to: g + at.hiddenWeights)
        addRows(
            tape.features.base, at.features, of: set.featureWidth, steps, dq, headUnits, headUnits,
            to: g + at.featureWeights)
        addSum(steps, dq, headUnits, headUnits, to: g + at.bias)
        addRows(q, headUnits, steps, logits, stride, stride, to: g + at.output)
        addSum(steps, logits, stride, stride, to: g + at.outputBias)
        addRows(q, headUnits, steps, gates, gateStride, gateStride, to: g + at.gate)
        addSum(steps, gates, gateStride, gateStride, to: g + at.gateBias)
    }

    /// Adds, for each of `inputs` inputs, the sum over the steps of the input times the step's row.
    private func addRows(
        _ factors: UnsafePointer<Float>, _ inputs: Int, of factorStride: Int? = nil, _ steps: Int,
        _ rows: UnsafePointer<Float>, _ rowStride: Int, _ width: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<inputs {
            RowSums.add(
                factors + i, factorStride: factorStride ?? inputs, count: steps, rows: rows,
                rowStride: rowStride, width: width, to: sums + i * width)
        }
    }

    /// Adds the sum of the steps' rows.
    private func addSum(
        _ steps: Int, _ rows: UnsafePointer<Float>, _ rowStride: Int, _ width: Int,
        to sums: UnsafeMutablePointer<Float>
    ) {
        RowSums.add(
            tape.one.base, factorStride: 0, count: steps, rows: rows, rowStride: rowStride, width: width,
            to: sums)
    }

    private func add(_ row: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, count: Int) {
        for c in stride(from: 0, to: count, by: 8) {
            RowSums.store(RowSums.load(sums + c) + RowSums.load(row + c), sums + c)
        }
    }
}
