import Affinity
import Contracts
import Kafka
import Testing

/// How good the forecasts were, as the updater tells it.
@Suite struct UpdaterQualityTests {
    private typealias Stand = UpdaterStand
    private static let hour: EventTime = 3_600_000
    private static let first: EventTime = 1_767_571_200_000

    private func log(_ offsets: Range<Int64>) -> [StoredRecord] { offsets.map { Stand.interaction($0) } }

    private func complete(_ offset: Int64, through time: EventTime) -> StoredRecord {
        var mark = Stand.mark(offset, nil)
        mark.headers = [Header(Mark.headerName, Mark.completeThrough(time).text)]
        return mark
    }

    @Test func `each window that event time leaves has a record, and all accesses but first ones are in one`()
        throws
    {
        var stand = try Stand()
        // Six accesses an hour, of seven customers.
        try stand.apply(log(0..<300))
        let qualities = try stand.quality
        // Nobody who comes in the first window was there before, and nothing has left the last one.
        #expect(qualities.map(\.windowEnd) == (2..<50).map { Self.first + $0 * Self.hour })
        #expect(qualities.allSatisfy { $0.windowEnd - $0.windowStart == Self.hour })
        #expect(qualities.map(\.accesses) == [5] + Array(repeating: 6, count: 47))
        #expect(qualities.allSatisfy { $0.source == 0 && $0.model == "mixture-2" && $0.logLossMicro > 0 })
        let records = stand.made.filter { $0.output == Stand.quality }
        #expect(records.allSatisfy { $0.key == Array("0".utf8) })
    }

    @Test func `a mark closes the last window`() throws {
        var stand = try Stand()
        try stand.apply(log(0..<300))
        let end = Self.first + 50 * Self.hour
        try stand.apply([complete(300, through: end - 1)])
        #expect(try stand.quality.count == 48)
        try stand.apply([complete(301, through: end)])
        #expect(try stand.quality.last?.windowEnd == end)
        try stand.apply([complete(302, through: end + 5 * Self.hour)])
        #expect(try stand.quality.count == 49)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `however the log is cut and the task restarted, the records are the same`(seed: UInt64) throws {
        var whole = try Stand()
        try whole.apply(log(0..<300))
        var random = SplitMix(seed: seed)
        var cutUp = try Stand()
        var start: Int64 = 0
        while start < 300 {
            let end = min(300, start + Int64.random(in: 1...40, using: &random))
            try cutUp.apply(log(start..<end))
            if Bool.random(using: &random) { try cutUp.restart() }
            start = end
        }
        #expect(cutUp.made == whole.made, "seed \(seed)")
        #expect(try whole.quality.count == 48)
    }

    @Test func `where the model is switched within a window, each has its own record`() throws {
        let spring = try Stand.model("spring")
        var stand = try Stand()
        try stand.apply(log(0..<103) + [Stand.mark(103, spring.encoded())] + log(104..<200))
        let qualities = try stand.quality
        let ends = qualities.map(\.windowEnd)
        let both = qualities.filter { $0.windowStart == Self.first + 17 * Self.hour }
        #expect(both.map(\.model) == ["mixture-2", "mixture-2+\(spring.label)"])
        // The first access of the window came before the mark, which stands in the place of another one.
        #expect(both.map(\.accesses) == [1, 4])
        #expect(ends.count == Set(ends).count + 1)
    }
}
