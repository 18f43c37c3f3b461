import Contracts
import Testing

@testable import Experiments

/// Who gets which variant: in the shares asked for, for good, and independent of other experiments.
@Suite struct AssignmentTests {
    private func variants(_ experiment: Experiment, customers: Int, at time: Int64 = 0) throws -> [Int] {
        let assignment = try Assignment(experiment)
        return (0..<customers).map { number in
            withBytes("customer-\(number)") { assignment.variant(of: $0, at: time) }
        }
    }

    @Test func `variants get their shares`() throws {
        let found = try variants(
            latencyExperiment("shares", sharesMilli: [700, 200, 100]), customers: 100_000)
        let shares = (0..<3).map { variant in Double(found.count { $0 == variant }) / 100_000 }
        for (share, wanted) in zip(shares, [0.7, 0.2, 0.1]) {
            // Four standard errors.
            #expect(abs(share - wanted) < 4 * (wanted * (1 - wanted) / 100_000).squareRoot(), "\(shares)")
        }
    }

    @Test func `the assignment is the same for ever`() throws {
        // Fixed by hand from the first run: if it changes, customers of running experiments change their variant.
        let found = try variants(latencyExperiment("for ever"), customers: 24)
        #expect(found.map(String.init).joined() == "100101011110111110001001")
    }

    @Test(
        arguments: [
            ([900, 100], [600, 400]), ([800, 100, 100], [500, 400, 100]),
            ([800, 100, 100], [300, 100, 600]),
            ([200, 700, 100], [100, 800, 100]), ([850, 50, 50, 50], [700, 50, 200, 50]),
        ] as [([Int64], [Int64])])
    func `a share that grows at the control's cost moves customers from the control into it only`(
        before: [Int64], after: [Int64]
    ) throws {
        let old = try variants(latencyExperiment("growth", sharesMilli: before), customers: 20_000)
        let new = try variants(latencyExperiment("growth", sharesMilli: after), customers: 20_000)
        let grown = try #require(before.indices.first { after[$0] > before[$0] })
        let moved = zip(old, new).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.0 == 0 && $0.1 == grown })
        let expected = Double(after[grown] - before[grown]) * 20
        #expect(abs(Double(moved.count) - expected) < 4 * expected.squareRoot())
    }

    @Test func `every thousandth has a holder, whatever the shares are`() {
        var lottery = Lottery(seed: 12)
        for _ in 0..<500 {
            let count = 2 + Int(lottery.uniform() * 15)
            let wins = (0..<count).map { _ in Int64(lottery.uniform() * 1_000) + 1 }
            let shares = ExperimentAnalysis.shares(
                wins: wins, least: [1] + Array(repeating: 0, count: count - 1))
            #expect(shares.reduce(0, +) == 1_000)
            let slots = Slots(sharesMilli: shares)
            var held = Array(repeating: Int64(0), count: count)
            for place in 0..<1_000 {
                held[slots.holder(of: UInt64(place) * (UInt64.max / 1_000) + UInt64.max / 2_000)] += 1
            }
            #expect(held == shares, "seed 12: \(shares)")
        }
    }

    @Test func `experiments do not depend on each other`() throws {
        // 45 pairs of ten experiments: chi-square with one degree of freedom each. Names that differ in one letter.
        let found = try (0..<10).map {
            try variants(latencyExperiment("experiment \($0)"), customers: 20_000)
        }
        var largest = 0.0
        var sum = 0.0
        for first in found.indices {
            for second in found.indices.dropFirst(first + 1) {
                var counts = [0.0, 0, 0, 0]
                for (a, b) in zip(found[first], found[second]) { counts[2 * a + b] += 1 }
                let (rows, columns) = (
                    [counts[0] + counts[1], counts[2] + counts[3]],
                    [counts[0] + counts[2], counts[1] + counts[3]]
                )
                var square = 0.0
                for cell in 0..<4 {
                    let expected = rows[cell / 2] * columns[cell % 2] / 20_000
                    square += (counts[cell] - expected) * (counts[cell] - expected) / expected
                }
                largest = max(largest, square)
                sum += square
            }
        }
        print("independence of 45 pairs: largest chi-square \(largest), mean \(sum / 45)")
        // 0.999 of all are under 10.83 for one pair, under 18.2 for the largest of 45.
        #expect(largest < 18.2)
        #expect((0.5...1.7).contains(sum / 45))
    }

    @Test func `a switchback gives a whole cell one variant for a block`() throws {
        var experiment = latencyExperiment("switch")
        experiment.switchback = Switchback(blockMillis: 60_000, cells: ["eu", "us"])
        let assignment = try Assignment(experiment)
        var counts = [0, 0]
        var agreeing = 0
        for block in 0..<4_000 {
            let time = Int64(block) * 60_000
            let found = (0..<2).map { cell in
                (0..<3).map { customer in
                    withBytes("c\(customer)") {
                        assignment.variant(of: $0, cell: cell, at: time + Int64(customer) * 29_000)
                    }
                }
            }
            #expect(found.allSatisfy { Set($0).count == 1 })
            counts[found[0][0]] += 1
            if found[0][0] == found[1][0] { agreeing += 1 }
        }
        #expect(abs(counts[1] - 2_000) < 130, "\(counts)")
        #expect(abs(agreeing - 2_000) < 130, "\(agreeing)")
    }

    @Test func `a bandit's decisions hold from their window on, with units drawn anew`() throws {
        var experiment = latencyExperiment("bandit")
        experiment.bandit = Bandit(windowMillis: 1_000)
        var assignment = try Assignment(experiment)
        try assignment.adopt(ShareDecision(window: 5, sharesMilli: [100, 900]))
        #expect(assignment.sharesMilli(at: 4_999) == [500, 500])
        #expect(assignment.sharesMilli(at: 5_000) == [100, 900])
        var counts = [0, 0]
        var oldTreated = 0
        for hash in customerHashes(20_000) {
            let old = assignment.place(of: hash, cell: 0, at: 4_999).variant
            let new = assignment.place(of: hash, cell: 0, at: 5_000).variant
            counts[new] += 1
            if new == 0, old == 1 { oldTreated += 1 }
        }
        #expect(abs(counts[0] - 2_000) < 170, "\(counts)")
        // Half of the new control had the variant before: where one was says nothing of where one is.
        #expect(abs(oldTreated - counts[0] / 2) < 100, "\(oldTreated)")
    }

    @Test func `a decision that does not fit is refused and changes nothing`() throws {
        var experiment = latencyExperiment("bandit")
        experiment.bandit = Bandit(controlShareMilli: 200, windowMillis: 1_000)
        var assignment = try Assignment(experiment)
        try assignment.adopt(ShareDecision(window: 5, sharesMilli: [200, 800]))
        for (decision, failure) in [
            (ShareDecision(window: 5, sharesMilli: [300, 700]), ExperimentFailure.windowNotAfter(5)),
            (ShareDecision(window: 6, sharesMilli: [100, 900]), .share("control", milli: 100)),
            (ShareDecision(window: 6, sharesMilli: [500, 400]), .sharesSum(milli: 900)),
            (ShareDecision(window: 6, sharesMilli: [1_000]), .shareCount(1)),
        ] {
            #expect(throws: failure) { try assignment.adopt(decision) }
        }
        #expect(assignment.sharesMilli(at: 9_000) == [200, 800])
        var fixed = try Assignment(latencyExperiment("fixed"))
        #expect(throws: ExperimentFailure.sharesFixed) {
            try fixed.adopt(ShareDecision(window: 1, sharesMilli: [500, 500]))
        }
    }

    @Test func `of many decisions the newest are remembered`() throws {
        var experiment = latencyExperiment("bandit")
        experiment.bandit = Bandit(windowMillis: 1_000)
        var assignment = try Assignment(experiment)
        for window in 1...200 {
            try assignment.adopt(
                ShareDecision(window: Int64(window), sharesMilli: [Int64(100 + window), Int64(900 - window)]))
        }
        #expect(assignment.spans.count == Assignment.spansMax)
        #expect(assignment.sharesMilli(at: 200_000) == [300, 700])
        #expect(assignment.sharesMilli(at: 150_000) == [250, 750])
        #expect(assignment.place(of: 1, cell: 0, at: 200_000).span == 200)
        // Before the oldest, its shares count.
        #expect(assignment.sharesMilli(at: 0) == [237, 763])
    }

    @Test func `an exposure is due once for each unit`() throws {
        let plain = try Assignment(latencyExperiment("due"))
        var switching = latencyExperiment("due")
        switching.switchback = Switchback(blockMillis: 1_000, cells: ["eu"])
        let blocks = try Assignment(switching)
        withBytes("c-1") { first in
            #expect(plain.unit(of: first, at: 0) == plain.unit(of: first, at: 99_999))
            #expect(blocks.unit(of: first, at: 0) != blocks.unit(of: first, at: 1_000))
            withBytes("c-2") { second in
                #expect(plain.unit(of: first, at: 0) != plain.unit(of: second, at: 0))
                #expect(blocks.unit(of: first, at: 0) == blocks.unit(of: second, at: 999))
            }
        }
    }
}
