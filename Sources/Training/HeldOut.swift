import Affinity
import Contracts

/// The losses on examples that training does not see: those from a point in time on. States are taken through
/// all accesses before it.
final class HeldOut {
    private let set: TrainingSet
    private let layout: NetworkLayout
    private let sequences: Sequences
    private let shares: ShareTargets
    private let start: EventTime

    init(_ set: TrainingSet, _ layout: NetworkLayout, from start: EventTime, discount: Float) {
        self.set = set
        self.layout = layout
        self.start = start
        sequences = Sequences(set, before: .max)
        shares = ShareTargets(set, sequences, discount: discount)
    }

    /// Mean losses with these weights.
    func losses(_ weights: FloatBuffer, threads: Int) -> HeadLosses {
        let passes = (0..<TrainingGroups.count).map { _ in ForwardPass(set, layout) }
        TrainingGroups.share(among: threads) { group in
            for i in stride(from: group, to: sequences.customers.count, by: TrainingGroups.count) {
                passes[group].run(
                    sequences.accesses[
                        Int(sequences.customers[i].lowerBound)..<Int(sequences.customers[i].upperBound)],
                    from: start, weights: weights.base, shares)
            }
        }
        var sums = LossSums()
        for pass in passes { sums.add(pass.losses) }
        return sums.means
    }
}

/// The way forward alone, without dropout.
final class ForwardPass {
    private(set) var losses = LossSums()
    private let set: TrainingSet
    private let shape: NetworkShape
    private let cell: RecurrentCell
    private let heads: [ForecastHead]
    private let states: FloatBuffer
    private let gates: FloatBuffer
    private let experts: FloatBuffer
    private let logProbabilities: FloatBuffer

    init(_ set: TrainingSet, _ layout: NetworkLayout) {
        self.set = set
        shape = layout.shape
        cell = RecurrentCell(layout)
        heads = NetworkHead.allCases.map { ForecastHead(layout, $0) }
        states = FloatBuffer(2 * shape.hidden)
        gates = FloatBuffer(4 * shape.hidden + shape.headUnits + NetworkShape.padded(shape.expertRows))
        experts = FloatBuffer(set.codeWidth)
        logProbabilities = FloatBuffer(shape.partitionStride)
    }

    /// Adds the losses of a customer's accesses from the first on that is not before `start`.
    func run(
        _ accesses: ArraySlice<Int32>, from start: EventTime, weights: UnsafePointer<Float>,
        _ shares: ShareTargets
    ) {
        guard var input = accesses.first.map(Int.init) else { return }
        states.clear()
        var isHeldOut = set.records[input].time >= start
        for (turn, access) in accesses.dropFirst().enumerated() {
            let before = states.base + (turn % 2) * shape.hidden
            let after = states.base + (1 - turn % 2) * shape.hidden
            set.dense.withUnsafeBufferPointer { dense in
                cell.step(
                    weights, symbols: set.records[input].symbols,
                    dense: dense.baseAddress.map { $0 + input * shape.denseInputs } ?? weights,
                    hidden: before, gates: gates.base, next: after)
            }
            let target = Int(access)
            isHeldOut = isHeldOut || set.records[target].time >= start
            if isHeldOut { score(target, after, weights, shares) }
            input = target
        }
    }

    private func score(
        _ target: Int, _ hidden: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ shares: ShareTargets
    ) {
        set.codes.withUnsafeBufferPointer { codes in
            guard let codes = codes.baseAddress else { return }
            LogCodes.decode(codes + target * set.codeWidth, count: set.codeWidth, to: experts.base)
        }
        set.features.withUnsafeBufferPointer { features in
            let inputs = ForecastHead.Inputs(
                hidden: hidden,
                features: features.baseAddress.map { $0 + target * set.featureWidth } ?? hidden,
                experts: experts.base)
            for head in NetworkHead.allCases {
                let scratch = gates.base + 4 * shape.hidden
                heads[head.rawValue].forecast(
                    weights, inputs, units: scratch, gates: scratch + shape.headUnits,
                    logProbabilities: logProbabilities.base)
                add(head, target, shares)
            }
        }
    }

    private func add(_ head: NetworkHead, _ target: Int, _ shares: ShareTargets) {
        let p = logProbabilities.base
        if head == .share {
            let (loss, mass) = shares.entropy(p, of: target)
            losses.add(loss, head, mass: mass)
        } else {
            losses.add(-Double(p[Int(set.records[target].target)]), head, mass: 1)
        }
    }
}
