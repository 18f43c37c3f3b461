import Testing

@testable import Backtest
@testable import Evaluation

@Suite struct ReactingBoundTests {
    /// The fewest remote reads of all who, after each access, put a copy where it came from in the place of any
    /// other, or beside them, or do not: by trying them all.
    private func best(_ accesses: [Character], copies: Int) -> Int {
        func go(_ place: Int, _ held: Set<Character>) -> Int {
            if place == accesses.count { return 0 }
            let here = accesses[place]
            var ways = [held]
            if !held.contains(here) {
                if held.count < copies { ways.append(held.union([here])) }
                for old in held { ways.append(held.subtracting([old]).union([here])) }
            }
            let rest = ways.map { go(place + 1, $0) }.min() ?? 0
            return rest + (held.contains(here) ? 0 : 1)
        }
        return go(1, [accesses[0]])
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>, [1, 2])
    func `it is what the best of all reacting plans reaches`(seed: UInt64, copies: Int) throws {
        var random = SeededGenerator(seed: seed)
        let text = random.text("abcd", count: 11)
        let trace = try HandMadeTrace.make([text])
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        configuration.leadMillis = 0
        let bound = ReactingBound(trace, configuration).remoteReads
        #expect(bound == best(Array(text), copies: copies), "\(text), seed \(seed)")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>, [1, 2])
    func `no reacting policy comes beneath it`(seed: UInt64, copies: Int) throws {
        var random = SeededGenerator(seed: seed)
        let trace = try HandMadeTrace.make((0..<20).map { _ in random.text("aabcd", count: 40) })
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        configuration.leadMillis = 2 * 3_600_000
        let bound = ReactingBound(trace, configuration).remoteReads
        let run = HandMadeTrace.run(
            trace, LastPlacement(customers: trace.customers.count, partitions: trace.classes.count)
        ) { $0 = configuration }
        #expect(bound <= run.remoteReads && bound > 0, "seed \(seed)")
    }

    @Test func `reads within the lead time of a first visit are remote, later ones are not`() throws {
        let trace = try HandMadeTrace.make(["abbbbbb"], regions: "ab")
        var configuration = BacktestConfiguration()
        for (hours, remote) in [(0, 1), (1, 1), (2, 2), (3, 3)] {
            configuration.leadMillis = Int64(hours) * 3_600_000
            #expect(ReactingBound(trace, configuration).remoteReads == remote, "\(hours) hours")
        }
    }
}
