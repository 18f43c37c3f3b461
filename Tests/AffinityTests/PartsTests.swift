import Contracts
import Foundation
import Testing

@testable import Affinity

@Suite struct PartsTests {
    @Test(arguments: [27, 28, 29] as [UInt64])
    func unitsAreDealtByLargestRemainder(seed: UInt64) {
        var chance = Chance(seed: seed)
        for count in [1, 2, 5, 24, 300] {
            var values = (0..<count).map { _ in Float.random(in: 0...1, using: &chance) }
            if count > 3 { values[1] = 0 }
            let scale = 10_000 / values.reduce(0, +)
            let scaled = values.map { $0 * scale }
            var units = [ProbabilityUnits](repeating: 0, count: count)
            var quantiser = Quantiser(partitions: count)
            quantiser.round(scaled, into: &units)
            #expect(units.reduce(0) { $0 + Int($1) } == 10_000)
            if count > 3 { #expect(units[1] == 0) }
            let rests = scaled.map { Int(($0 - $0.rounded(.down)) * 65_536) }
            for (k, value) in scaled.enumerated() { #expect(abs(Float(units[k]) - value) <= 1) }
            let up = rests.indices.filter { Float(units[$0]) > scaled[$0].rounded(.down) }
            let down = rests.indices.filter { !up.contains($0) }
            let least = up.map { rests[$0] }.min() ?? .max
            #expect(down.allSatisfy { rests[$0] <= least })
        }
    }

    @Test func equalRemaindersGoToTheLowerIndex() {
        var units = [ProbabilityUnits](repeating: 0, count: 3)
        var quantiser = Quantiser(partitions: 3)
        quantiser.round([3_333.25, 3_333.25, 3_333.5], into: &units)
        #expect(units == [3_333, 3_333, 3_334])
        quantiser.round([3_333.5, 3_333.5, 3_333], into: &units)
        #expect(units == [3_334, 3_333, 3_333])
    }

    @Test func rowsStayWithinTheirBoundAndForgetWhatDoesNotRecur() {
        var rows = SparseRows(limit: 4, fade: 1)
        var block = Block()
        for _ in 0..<5 { rows.add(9, 9, to: &block) }
        for i in 0..<100 { rows.add(UInt16(i % 6), PartitionIndex(i % 5), to: &block) }
        #expect(block.count == 4)
        #expect(rows.row(9, of: block).isEmpty)
        let keys = block.range.map { rows.pool.elements[$0].key }
        #expect(keys == keys.sorted())
    }

    @Test func rowsFadeOnlyWithTheirOwnAccesses() {
        var rows = SparseRows(limit: 8, fade: 0.5)
        var block = Block()
        rows.add(1, 3, to: &block)
        rows.add(2, 3, to: &block)
        rows.add(1, 4, to: &block)
        rows.add(1, 4, to: &block)
        var dense = [Float](repeating: 0, count: 8)
        dense.withUnsafeMutableBufferPointer { buffer in
            #expect(rows.spread(1, of: block, to: buffer.baseAddress!) == 1.75)
            #expect(buffer[3] == 0.25 && buffer[4] == 1.5)
            #expect(rows.spread(2, of: block, to: buffer.baseAddress!) == 1)
            #expect(buffer[3] == 1)
        }
    }

    @Test(arguments: [30, 31] as [UInt64])
    func blocksKeepTheirElementsAsTheyGrow(seed: UInt64) {
        var chance = Chance(seed: seed)
        var pool = BlockPool<UInt32>(filler: 0)
        var blocks = [Block](repeating: Block(), count: 20)
        var model = [[UInt32]](repeating: [], count: 20)
        for value in 0..<4_000 as Range<UInt32> {
            let i = Int.random(in: 0..<20, using: &chance)
            if Int.random(in: 0..<50, using: &chance) == 0 {
                pool.release(&blocks[i])
                model[i] = []
            } else {
                pool.append(value, to: &blocks[i])
                model[i].append(value)
            }
        }
        for i in 0..<20 { #expect(blocks[i].range.map { pool.elements[$0] } == model[i]) }
    }

    @Test(arguments: [1, 5, 20, 50, 777])
    func aFadingCountHalvesInItsHalfLife(halfLife: Int) {
        let factor = Double(Decay.factor(halfLife: halfLife))
        let left = (0..<halfLife).reduce(1.0) { value, _ in value * factor }
        #expect(abs(left - 0.5) < 1e-4)
    }

    @Test(arguments: [0, 0.001, 0.5, 1, 2.75, 60, 119.5])
    func countsThatFadeByTimeHalveAsOften(times: Double) {
        #expect(abs(Double(Decay.halved(times: times)) / exp2(-times) - 1) < 1e-6)
    }

    @Test func partsOfTheWeekRepeatEachWeekAndTellWeekendsApart() {
        // 1970 began on a Thursday.
        #expect(EventClock.weekPart(0) == 0)
        #expect(EventClock.weekPart(day - 1) == 5)
        #expect(EventClock.weekPart(2 * day) == 6)
        #expect(EventClock.weekPart(4 * day - 1) == 11)
        #expect(EventClock.weekPart(4 * day) == 0)
        #expect(EventClock.weekPart(9 * day + 5 * hour) == 7)
        #expect(EventClock.weekPart(-1) == 5)
        #expect(EventClock.windowStart(-1, hour) == -hour)
    }
}

@Suite struct ConfigurationTests {
    @Test func theDefaultsAreValid() throws { try AffinityConfiguration().validate() }

    private static let faults: [(name: String, change: @Sendable (inout AffinityConfiguration) -> Void)] = [
        ("highLeave", { $0.highLeave = 0.7 }), ("windowMillis", { $0.windowMillis = 0 }),
        ("nextFixedShare", { $0.nextFixedShare = .nan }), ("halfLifeShort", { $0.halfLifeShort = 0 }),
        ("dormantGaps", { $0.dormantGaps = 2 }), ("publishFloor", { $0.publishFloor = 2_000 }),
    ]

    @Test(arguments: faults.indices)
    func aNumberOutOfRangeIsNamed(fault: Int) throws {
        var configuration = AffinityConfiguration()
        Self.faults[fault].change(&configuration)
        let failure = #expect(throws: AffinityConfiguration.Failure.self) { try configuration.validate() }
        #expect(failure.map { "\($0)".contains(Self.faults[fault].name) } == true)
    }
}
