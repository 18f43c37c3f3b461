import Contracts
import Foundation
import Testing

@testable import Affinity

extension Bench {
    /// Applies visits as the updater does, and gives what each window came to.
    fileprivate func qualities(of visits: some Sequence<Visit>) -> [ModelQuality] {
        var qualities: [ModelQuality] = []
        for visit in visits {
            if isDue(at: visit.access.time) { qualities += take() }
            apply(visit)
        }
        return qualities
    }

    fileprivate func isDue(at time: EventTime) -> Bool { engine.isQualityDue(at: time) }

    fileprivate func take() -> [ModelQuality] {
        engine.takeQuality(source: 5, model: "m").map { [$0] } ?? []
    }

    /// A copy that knows what snapshots of this engine say, saved now for the first time.
    fileprivate func restored(_ change: ([UInt8]) -> [UInt8] = { $0 }) throws -> Bench {
        let copy = Bench(partitions: engine.partitions)
        var entries: [(key: [UInt8], state: [UInt8])] = []
        engine.takeChanges { key, state in
            if let state {
                entries.append((key.withUnsafeBytes { Array($0) }, state.withUnsafeBytes { Array($0) }))
            }
        }
        var writer = StateWriter()
        engine.encodeShared(into: &writer)
        for (key, state) in entries {
            try copy.engine.restore(customer: key.span.bytes, state: state.span.bytes)
        }
        let shared = change(writer.bytes)
        try copy.engine.restoreShared(shared.span.bytes)
        return copy
    }
}

@Suite struct QualityTests {
    private static let start: EventTime = 1_700_000_000_000 / hour * hour

    /// Visits of one window: ann and bob, by turns, and where they were.
    private static let places: [PartitionIndex] = [1, 2, 1, 2, 1, 0, 3, 2, 1, 2, 1, 2, 1, 1]
    private static let visits = places.enumerated().map { i, partition in
        Visit(
            customer: i % 2 == 0 ? "ann" : "bob",
            access: Access(
                time: start + EventTime(i) * 60_000, partition: partition, bytes: 0, idHash: UInt64(i)))
    }

    @Test func `a window comes to what the forecasts before each access gave it`() throws {
        let bench = Bench()
        var (loss, stays) = (0.0, 0.0)
        var bins = Array(repeating: (count: Int64(0), said: 0.0, hits: Int64(0)), count: 10)
        var last: [String: PartitionIndex] = [:]
        for visit in Self.visits {
            // Within a window nothing changes between an access and the next of the same customer.
            if let next = bench.prediction(visit.customer)?.next {
                let k = Int(visit.access.partition)
                let said = try #require(next.max())
                let place = min(9, Int(said * 10))
                loss -= log(next[k])
                stays += last[visit.customer] == visit.access.partition ? 1 : 0
                bins[place].count += 1
                bins[place].said += said
                bins[place].hits += next.firstIndex(of: said) == k ? 1 : 0
            }
            last[visit.customer] = visit.access.partition
            bench.apply(visit)
        }
        let quality = try #require(bench.take().first)
        #expect(quality.source == 5 && quality.model == "m")
        #expect(quality.windowStart == Self.start && quality.windowEnd == Self.start + hour)
        #expect(quality.accesses == 12)
        #expect(abs(Double(quality.logLossMicro) / 1e6 - loss / 12) < 0.000_2)
        #expect(quality.calibration.map(\.count) == bins.map(\.count))
        #expect(quality.calibration.map(\.hits) == bins.map(\.hits))
        #expect(bins.count { $0.count > 0 } > 2)
        for (found, bin) in zip(quality.calibration, bins) where bin.count > 0 {
            #expect(abs(Double(found.confidenceMicro) / 1e6 - bin.said / Double(bin.count)) < 0.000_3)
        }
        let stay = stays / 12
        #expect(stay > 0 && stay < 1)
        let baseline = -stay * log(stay) - (1 - stay) * log((1 - stay) / 3)
        #expect(abs(Double(quality.baselineLogLossMicro) / 1e6 - baseline) < 0.000_01)
        #expect(bench.take() == [])
    }

    @Test func `first accesses, duplicates and profiles are not scored, accesses after a profile are`() throws
    {
        let bench = Bench()
        bench.apply(Self.visits[0])
        bench.apply(Self.visits[0])
        #expect(bench.take() == [])
        bench.setHome("cyd", 2, at: Self.start)
        #expect(bench.take() == [])
        bench.visit("cyd", at: Self.start + 1, 2)
        #expect(bench.take().map(\.accesses) == [1])
    }

    @Test func `where all stay, the baseline is certain`() throws {
        let bench = Bench()
        for time in EventTime(0)..<9 { bench.visit(at: Self.start + time, 3) }
        #expect(bench.take().map(\.baselineLogLossMicro) == [0])
    }

    @Test func `the order of customers within a window does not matter`() throws {
        var chance = Chance(seed: 3)
        let whole = Bench().qualities(of: Self.visits + [after()])
        #expect(whole.count == 1)
        for _ in 0..<20 {
            // Each customer's visits stay in their order.
            var queues = ["ann", "bob"].map { name in Self.visits.filter { $0.customer == name } }
            var mixed: [Visit] = []
            while let queue = queues.indices.filter({ !queues[$0].isEmpty }).randomElement(using: &chance) {
                mixed.append(queues[queue].removeFirst())
            }
            #expect(Bench().qualities(of: mixed + [after()]) == whole)
        }
    }

    /// An access of the next window.
    private func after() -> Visit {
        Visit(
            customer: "eve",
            access: Access(time: Self.start + hour, partition: 0, bytes: 0, idHash: 99))
    }

    @Test func `a window is due when time passes its end, and what is late counts where it comes`() throws {
        let bench = Bench()
        for visit in Self.visits { bench.apply(visit) }
        #expect(!bench.isDue(at: Self.start + hour - 1))
        #expect(bench.isDue(at: Self.start + hour))
        #expect(bench.take().map(\.accesses) == [12])
        #expect(!bench.isDue(at: Self.start + hour))
        bench.apply(after())
        bench.visit("ann", at: Self.start + 5, 1)
        let late = bench.take()
        #expect(late.map(\.accesses) == [1])
        #expect(late.map(\.windowStart) == [Self.start + hour])
    }

    @Test func `what nobody asked for when its window ended is in no other`() throws {
        let bench = Bench()
        for visit in Self.visits { bench.apply(visit) }
        bench.apply(after())
        #expect(bench.take() == [])
    }

    @Test(arguments: (1...4).map { UInt64($0) })
    func `an engine made from a snapshot in the middle of a window comes to the same`(seed: UInt64) throws {
        let visits = randomVisits(1_500, partitions: 11, seed: seed)
        let whole = Bench(partitions: 11).qualities(of: visits)
        #expect(whole.count > 100)
        var chance = Chance(seed: seed)
        var bench = Bench(partitions: 11)
        let cut = Int.random(in: 700..<800, using: &chance)
        var qualities = bench.qualities(of: visits[..<cut])
        // Something is in the sums when they are saved.
        let isOpen = bench.isDue(at: .max)
        bench = try bench.restored()
        #expect(bench.isDue(at: .max) == isOpen)
        qualities += bench.qualities(of: visits[cut...])
        #expect(qualities == whole, "seed \(seed)")
    }

    @Test func `a snapshot from before there were sums starts them at zero, and no other may lack them`()
        throws
    {
        let visits = randomVisits(300, partitions: 5, seed: 9)
        let bench = Bench(partitions: 5)
        _ = bench.qualities(of: visits[..<200])
        _ = bench.take()
        // Thirty-two zeros of a byte each stand last.
        let copy = try bench.restored { [4] + $0[1...].dropLast(32) }
        #expect(copy.qualities(of: visits[200...]) == bench.qualities(of: visits[200...]))
        #expect(throws: StateFailure.self) { try bench.restored { $0.dropLast(32) } }
        #expect(throws: StateFailure.self) { try bench.restored { [4] + $0[1...] } }
    }

    @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 40])
    func `the top is found among any number of partitions, and of several that are alike the first`(
        partitions: Int
    ) throws {
        var chance = Chance(seed: UInt64(partitions))
        var forecasts = Forecasts(partitions: partitions, hasNetwork: false)
        forecasts.append()
        for _ in 0..<60 {
            // So few values that many are alike.
            let codes = (0..<partitions).map { _ in UInt16.random(in: 1...4, using: &chance) * 1_000 }
            forecasts.restore(0, codes)
            let least = try #require(codes.min())
            let top = try #require(codes.firstIndex(of: least))
            for k in 0..<partitions {
                let score = forecasts.score(0, k)
                #expect(score.loss == codes[k])
                #expect(score.isTop == (k == top), "\(k) in \(codes)")
                #expect(abs(score.topProbability - exp(Float(least) / -4_096)) < 1e-6)
            }
        }
    }
}
