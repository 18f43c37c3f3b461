import Testing

@testable import Backtest
@testable import Evaluation

@Suite struct ClairvoyantTests {
    /// All plans by trying them: at each access keep the copies, or put one in any partition in the place of any
    /// copy, or beside them.
    private struct BruteForce {
        let accesses: [Character]
        let partitions: [Character]
        let copies: Int

        /// The fewest remote reads for each number of moves up to `most`.
        func best(most: Int) -> [Int] {
            var best = [Int](repeating: .max, count: most + 1)
            go(1, [accesses[0]], 0, 0, &best)
            for moves in 1...most { best[moves] = min(best[moves], best[moves - 1]) }
            return best
        }

        private func go(
            _ place: Int, _ held: Set<Character>, _ remote: Int, _ moves: Int, _ best: inout [Int]
        ) {
            if place == accesses.count {
                best[moves] = min(best[moves], remote)
                return
            }
            func read(_ held: Set<Character>, _ moves: Int) {
                go(place + 1, held, remote + (held.contains(accesses[place]) ? 0 : 1), moves, &best)
            }
            read(held, moves)
            if moves + 1 == best.count { return }
            for new in partitions where !held.contains(new) {
                if held.count < copies { read(held.union([new]), moves + 1) }
                for old in held { read(held.subtracting([old]).union([new]), moves + 1) }
            }
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>, [1, 2])
    func `at every price the plan is the best of all plans`(seed: UInt64, copies: Int) throws {
        var random = SeededGenerator(seed: seed)
        let text = random.text("abc", count: 8)
        let trace = try HandMadeTrace.make([text], regions: "abc")
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        let clairvoyant = Clairvoyant(trace, configuration)
        let best = BruteForce(accesses: Array(text), partitions: Array("abc"), copies: copies).best(most: 7)
        for price: Int64 in [0, 2_520, 5_040, 7_560, 10_080, 20_160] {
            let point = clairvoyant.point(price: price)
            let cost = Int64(point.remoteReads) * Clairvoyant.readPrice + price * Int64(point.moves)
            let least = best.enumerated().map { Int64($1) * Clairvoyant.readPrice + price * Int64($0) }.min()
            #expect(cost == least, "\(text), price \(price), seed \(seed)")
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>, [1, 2])
    func `the bound is under all plans of that budget, and is met on the hull`(seed: UInt64, copies: Int)
        throws
    {
        var random = SeededGenerator(seed: 100 + seed)
        let texts = [random.text("abc", count: 7), random.text("abc", count: 7)]
        let trace = try HandMadeTrace.make(texts, regions: "abc")
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        let clairvoyant = Clairvoyant(trace, configuration)
        let each = texts.map {
            BruteForce(accesses: Array($0), partitions: Array("abc"), copies: copies).best(most: 6)
        }
        for budget in 0...6 {
            let best = (0...budget).map { each[0][$0] + each[1][budget - $0] }.min() ?? 0
            let bound = clairvoyant.bound(moves: budget)
            #expect(
                bound.remoteReads <= Double(best) + 1e-9, "\(texts), budget \(budget), seed \(100 + seed)")
            #expect(bound.within.moves <= budget)
            if bound.within.moves == budget {
                #expect(bound.within.remoteReads == best, "\(texts), budget \(budget), seed \(100 + seed)")
                #expect(abs(bound.remoteReads - Double(best)) < 0.01)
            }
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>, [1, 2])
    func `what its plan comes to in a replay is what it promised`(seed: UInt64, copies: Int) throws {
        var random = SeededGenerator(seed: seed)
        let trace = try HandMadeTrace.make((0..<5).map { _ in random.text("abcd", count: 30) })
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        let clairvoyant = Clairvoyant(trace, configuration)
        for price: Int64 in [0, 3_000, 5_041, 12_000] {
            let point = clairvoyant.point(price: price)
            let outcome = clairvoyant.outcome(price: price, HandMadeTrace.times(trace), configuration)
            #expect(outcome.remoteReads == point.remoteReads, "seed \(seed), price \(price)")
            #expect(outcome.moves == point.moves, "seed \(seed), price \(price)")
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>, [1, 2])
    func `no policy is under the bound of its moves`(seed: UInt64, copies: Int) throws {
        var random = SeededGenerator(seed: seed)
        let trace = try HandMadeTrace.make((0..<8).map { _ in random.text("abcd", count: 30) })
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        let clairvoyant = Clairvoyant(trace, configuration)
        let replay = Replay(trace, HandMadeTrace.times(trace), configuration)
        let forecasts = HandMadeTrace.oracle(trace)
        for kind in [Candidate.Kind.stay, .last, .accessCounter, .foreshadow] {
            for candidate in Candidate.all(kind, customers: 12, partitions: 4, forecasts: forecasts) {
                let outcome = replay.run(candidate.policy)
                let bound = clairvoyant.bound(moves: outcome.moves).remoteReads
                #expect(Double(outcome.remoteReads) >= bound - 1e-9, "\(kind), seed \(seed)")
            }
        }
    }

    @Test func `who cannot foresee first visits pays for each of them`() throws {
        let trace = try HandMadeTrace.make(["abcd"])
        let configuration = BacktestConfiguration()
        #expect(Clairvoyant(trace, configuration).point(price: 0).remoteReads == 0)
        #expect(Clairvoyant(trace, configuration, knows: .placesSeen).point(price: 0).remoteReads == 3)
    }

    @Test func `no copy can be ready before the lead time after the first access`() throws {
        let trace = try HandMadeTrace.make(["abb"], gapMillis: 60_000)
        var configuration = BacktestConfiguration()
        configuration.leadMillis = 90_000
        #expect(Clairvoyant(trace, configuration).point(price: 0).remoteReads == 1)
    }
}
