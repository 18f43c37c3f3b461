import Testing

@testable import Backtest
@testable import Evaluation

@Suite struct PolicyTests {
    @Test func `static never moves, and every access from elsewhere is remote`() throws {
        let outcome = HandMadeTrace.run(try HandMadeTrace.make(["aabca"]), StaticPlacement()) { _ in }
        #expect(outcome.reads == 4)
        #expect(outcome.remoteReads == 2)
        #expect(outcome.moves == 0)
        #expect(outcome.latencyP99Millis == 100)
        #expect(outcome.latencyMeanMillis == 50.5)
    }

    @Test func `last takes its only copy along at every remote access`() throws {
        let trace = try HandMadeTrace.make(["aabba"])
        let outcome = HandMadeTrace.run(trace, LastPlacement(customers: 5, partitions: 4)) { $0.copies = 1 }
        #expect(outcome.remoteReads == 2)
        #expect(outcome.moves == 2)
        #expect(outcome.storageOverhead == 0)
        // The last copy, ordered at the end, is never read.
        #expect(outcome.falseActivations == 0.5)
        #expect(outcome.aheadShare == 0)
    }

    @Test func `last with a shadow gives up the copy that was read longest ago`() throws {
        let trace = try HandMadeTrace.make(["abacab"])
        let outcome = HandMadeTrace.run(trace, LastPlacement(customers: 5, partitions: 4)) { _ in }
        // b is remote, then c, which takes b's place because a was read since; so b is remote again.
        #expect(outcome.remoteReads == 3)
        #expect(outcome.moves == 3)
    }

    @Test func `reads within the lead time are still remote`() throws {
        let trace = try HandMadeTrace.make(["abbbb"], gapMillis: 60_000)
        let slow = HandMadeTrace.run(trace, LastPlacement(customers: 5, partitions: 4)) {
            $0.leadMillis = 150_000
        }
        #expect(slow.remoteReads == 3)
        #expect(slow.moves == 1)
        let instant = HandMadeTrace.run(trace, LastPlacement(customers: 5, partitions: 4)) {
            $0.leadMillis = 0
        }
        #expect(instant.remoteReads == 1)
    }

    @Test func `follow-the-workload waits for its threshold and for its cool-down`() throws {
        func outcome(_ text: String, ratio: Double, hours: Int64) throws -> Outcome {
            let policy = FollowTheWorkload(
                customers: 5, partitions: 4, halfLife: 1_000, ratio: ratio, coolDown: hours * 3_600_000)
            return HandMadeTrace.run(try HandMadeTrace.make([text]), policy) { $0.copies = 1 }
        }
        // b's count passes a's, which is older, with the second b; and twice of it with the fourth.
        #expect(try outcome("aabbbbbb", ratio: 1, hours: 0).remoteReads == 2)
        #expect(try outcome("aabbbbbb", ratio: 2, hours: 0).remoteReads == 4)
        let quick = try outcome("abbaabb", ratio: 1, hours: 0)
        let slow = try outcome("abbaabb", ratio: 1, hours: 100)
        #expect(quick.moves > slow.moves)
        #expect(slow.moves == 1)
    }

    @Test func `access-counter moves when the window says that it would have paid`() throws {
        func moves(_ text: String, window: Int, gain: Double) throws -> Int {
            let policy = AccessCounter(customers: 5, partitions: 4, window: window, gain: gain)
            return HandMadeTrace.run(try HandMadeTrace.make([text]), policy) { $0.copies = 1 }.moves
        }
        #expect(try moves("aaabbb", window: 10, gain: 1) == 0)
        #expect(try moves("aaabbbb", window: 10, gain: 1) == 1)
        // A short window has forgotten the accesses from a.
        #expect(try moves("aaabbb", window: 3, gain: 1) == 1)
        #expect(try moves("aaabb", window: 3, gain: 2) == 0)
    }

    @Test
    func `foreshadow moves before the demand when its forecast is sure, and not when it costs too much`()
        throws
    {
        let trace = try HandMadeTrace.make(["aabbccddaabb"])
        let sure = HandMadeTrace.run(
            trace, ForeshadowPlacement(HandMadeTrace.oracle(trace), horizon: 1, cost: 0.5)
        ) { $0.copies = 1 }
        #expect(sure.remoteReads == 0)
        #expect(sure.moves == 5)
        #expect(sure.aheadShare == 1)
        #expect(sure.leadGainedMedianMillis == 3_600_000)
        let unsure = HandMadeTrace.run(
            trace, ForeshadowPlacement(HandMadeTrace.oracle(trace, certainty: 0.6), horizon: 1, cost: 0.5)
        ) { $0.copies = 1 }
        #expect(unsure.moves == 0)
    }

    @Test func `no policy moves more than the budget, nor fills a partition beyond its capacity`() throws {
        var random = SeededGenerator(seed: 7)
        let trace = try HandMadeTrace.make((0..<20).map { _ in random.text("abcd", count: 40) })
        for candidate in Candidate.Kind.allCases.flatMap({
            Candidate.all($0, customers: 24, partitions: 4, forecasts: HandMadeTrace.oracle(trace))
        }) {
            let outcome = HandMadeTrace.run(trace, candidate.policy) {
                $0.movesPerMillionReads = 50_000
                $0.capacity = 14
            }
            #expect(outcome.moves <= 39, "\(candidate.kind) \(candidate.parameters), seed 7")
            #expect(outcome.fullestPartition <= 14, "\(candidate.kind) \(candidate.parameters), seed 7")
        }
        let free = HandMadeTrace.run(trace, LastPlacement(customers: 24, partitions: 4)) { _ in }
        #expect(free.moves > 39 && free.fullestPartition > 14 && free.refusedMoves == 0)
    }
}
