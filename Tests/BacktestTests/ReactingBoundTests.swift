import Testing

@testable import Backtest
@testable import Evaluation

@Suite struct ReactingBoundTests {
    /// The fewest remote reads of all who, after each access and while no move is under way, order a copy where it came
    /// from in the place of any other, or beside them, or do not: by trying them all under the rules of `Replay`.
    /// Accesses are an hour apart.
    private func best(_ accesses: [Character], copies: Int, leadHours: Int) -> Int {
        typealias Order = (to: Character, from: Character?, at: Int)
        func go(_ place: Int, _ held: Set<Character>, _ order: Order?) -> Int {
            if place == accesses.count { return 0 }
            var (held, order) = (held, order)
            if let due = order, due.at + leadHours <= place {
                if let from = due.from { held.remove(from) }
                held.insert(due.to)
                order = nil
            }
            let here = accesses[place]
            var rest = go(place + 1, held, order)
            if order == nil, !held.contains(here) {
                if held.count < copies { rest = min(rest, go(place + 1, held, (here, nil, place))) }
                for old in held { rest = min(rest, go(place + 1, held, (here, old, place))) }
            }
            return rest + (held.contains(here) ? 0 : 1)
        }
        return go(1, [accesses[0]], nil)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>, [1, 2])
    func `it is what the best of all reacting plans reaches where copies are instant, else never more`(
        seed: UInt64, copies: Int
    ) throws {
        var random = SeededGenerator(seed: seed)
        let text = random.text("abcd", count: 11)
        let trace = try HandMadeTrace.make([text])
        var configuration = BacktestConfiguration()
        configuration.copies = copies
        for leadHours in 0...3 {
            configuration.leadMillis = Int64(leadHours) * 3_600_000
            let bound = ReactingBound(trace, configuration).remoteReads
            let best = best(Array(text), copies: copies, leadHours: leadHours)
            #expect(bound <= best, "\(text), lead \(leadHours), seed \(seed)")
            if leadHours <= 1 { #expect(bound == best, "\(text), lead \(leadHours), seed \(seed)") }
        }
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
