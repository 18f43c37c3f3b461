/// Thompson sampling: a variant gets the share of traffic that equals its chance of being the best (Thompson, "On
/// the likelihood that one unknown probability exceeds another", 1933; by window, as in Scott, "A modern Bayesian
/// look at the multi-armed bandit", 2010).
extension ExperimentAnalysis {
    /// How many draws the chances are counted in.
    private static let draws = 1_000

    /// The shares that the evidence is for, from `window` on: to be written to the log, and adopted from there.
    /// Decide a window ahead, so that the decision has reached every instance when it begins. Nil without a bandit.
    ///
    /// The control and every variant have what they are to keep; the rest goes by the chance of being the best, the
    /// control among them. A variant without enough units keeps its share at what it is, as nothing speaks against
    /// it. The draws are seeded by the experiment's name and the window: the same evidence makes the same shares.
    public func shares(from window: Int64) -> ShareDecision? {
        guard let bandit = experiment.bandit, let latest = assignment.spans.last?.sharesMilli else {
            return nil
        }
        let pairs = experiment.variants.indices.dropFirst().map { pair($0, experiment.goal) }
        let known = pairs.compactMap { $0 }
        if known.count < pairs.count { return ShareDecision(window: window, sharesMilli: latest) }
        var least = Array(repeating: bandit.leastShareMilli, count: latest.count)
        least[0] = bandit.controlShareMilli
        let wins = wins(known, window)
        return ShareDecision(window: window, sharesMilli: Self.shares(wins: wins, least: least))
    }

    /// How many of the draws each variant is the best in. The control's own error is in all differences from it.
    private func wins(_ pairs: [Pair], _ window: Int64) -> [Int64] {
        var lottery = Lottery(experiment: experiment.name, window: window)
        var wins = Array(repeating: Int64(0), count: pairs.count + 1)
        for _ in 0..<Self.draws {
            let shift = lottery.normal()
            var best = (variant: 0, difference: 0.0)
            for (place, pair) in pairs.enumerated() {
                let difference =
                    pair.difference().mean + pair.variant.own.squareRoot() * lottery.normal()
                    - pair.control.own.squareRoot() * shift
                if difference < best.difference { best = (place + 1, difference) }
            }
            wins[best.variant] += 1
        }
        return wins
    }

    /// Deals out what is left over the least, by wins; what rounding leaves goes to the largest fractions.
    static func shares(wins: [Int64], least: [Int64]) -> [Int64] {
        let total = max(1, wins.reduce(0, +))
        let rest = 1_000 - least.reduce(0, +)
        var shares = zip(wins, least).map { $0 * rest / total + $1 }
        let byFraction = wins.indices.sorted {
            let (first, second) = (wins[$0] * rest % total, wins[$1] * rest % total)
            return first == second ? $0 < $1 : first > second
        }
        for place in byFraction.prefix(Int(1_000 - shares.reduce(0, +))) { shares[place] += 1 }
        return shares
    }
}
