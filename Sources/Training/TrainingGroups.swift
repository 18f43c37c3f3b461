import Affinity
import Dispatch

/// Eight groups of lanes, each with memory of its own, worked on by as many threads as there are, so that the
/// sums of a group do not depend on which thread made them.
final class TrainingGroups {
    static let count = 8

    private let passes: [WindowPass]
    private let transposes: Transposes
    private let states: FloatBuffer
    private let configuration: TrainingConfiguration
    private let layout: NetworkLayout

    init(_ set: TrainingSet, _ layout: NetworkLayout, _ configuration: TrainingConfiguration) {
        self.layout = layout
        self.configuration = configuration
        transposes = Transposes(layout)
        states = FloatBuffer(configuration.lanes * layout.shape.hidden)
        passes = (0..<Self.count).map { _ in
            WindowPass(set, layout, window: configuration.window, dropout: configuration.dropout)
        }
    }

    /// The groups' gradients of the last window.
    var gradients: [FloatBuffer] { passes.map(\.gradient) }

    /// Starts an epoch: no lane remembers anything.
    func clearStates() { states.clear() }

    /// Takes all lanes through a window of the plan. Returns the losses; the gradients are in `gradients`.
    func run(
        _ plan: EpochPlan, window: Int, weights: FloatBuffer, shares: ShareTargets, chances: [UInt64]
    ) -> LossSums {
        transposes.update(from: weights.base)
        let context = WindowPass.Context(
            weights: UnsafePointer(weights.base), transposes: transposes, shares: shares)
        Self.share(among: configuration.threads) { [self] group in
            let pass = passes[group]
            pass.clear()
            for lane in stride(from: group, to: configuration.lanes, by: Self.count) {
                let purposes = (UInt64(window), UInt64(lane))
                pass.run(
                    plan.part(of: lane, window: window, length: configuration.window), context,
                    state: states.base + lane * layout.shape.hidden,
                    chance: SplitMix64(seed: configuration.seed, chances + [purposes.0, purposes.1]))
            }
        }
        var sums = LossSums()
        for pass in passes { sums.add(pass.losses) }
        return sums
    }

    /// Calls `body` once for each group, on `threads` threads at once.
    static func share(among threads: Int, _ body: (Int) -> Void) {
        let workers = min(threads, count)
        // Invariant: no two calls share anything they write, and all have returned before this does.
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for group in stride(from: worker, to: count, by: workers) { body(group) }
        }
    }
}
