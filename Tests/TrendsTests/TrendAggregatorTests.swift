import Contracts
import Testing
import Trends

@Suite("The trend aggregator")
struct TrendAggregatorTests {
    @Test("publishes the sums of a window once the watermark has passed its end")
    func closes() {
        var harness = AggregatorHarness(source: 3, sources: 8)
        harness.apply(
            Step(
                customer: "a", sequence: 1, time: hour + 1, high: [1], shares: [(0, 2_500), (1, 7_500)],
                volume: 1_000),
            Step(customer: "b", sequence: 1, time: hour + 2, shares: [(0, 10_000)], volume: 10),
            Step(customer: "c", sequence: 1, time: hour + 3, home: 2, high: [0]),
            Step(customer: "d", sequence: 1, time: 2 * hour + 59_999))
        #expect(harness.records.allSatisfy { $0.flows.isEmpty })
        harness.apply(Step(customer: "e", sequence: 1, time: 2 * hour + 60_000))
        #expect(
            harness.records.last
                == TrendRecord(
                    source: 3, sources: 8, windowStart: hour, windowEnd: 2 * hour, completeThrough: 2 * hour,
                    idle: false,
                    flows: [
                        Flow(home: 0, partition: 0, customers: 2, highCustomers: 0, anticipatedVolume: 260),
                        Flow(home: 0, partition: 1, customers: 2, highCustomers: 1, anticipatedVolume: 750),
                        Flow(home: 2, partition: 0, customers: 1, highCustomers: 1, anticipatedVolume: 0),
                        Flow(home: 2, partition: 2, customers: 1, highCustomers: 0, anticipatedVolume: 0),
                    ]))
    }

    @Test("publishes only flows that differ from what it published before")
    func onlyChanges() {
        var harness = AggregatorHarness(lateness: 0)
        harness.apply(
            Step(customer: "a", sequence: 1, time: 1, high: [1, 2]),
            Step(customer: "a", sequence: 2, time: hour + 1, high: [1]),
            Step(customer: "a", sequence: 3, time: hour + 2, high: []),
            Step(customer: "a", sequence: 4, time: hour + 3, high: [1]))
        harness.mark(2 * hour)
        #expect(
            harness.records.last?.flows
                == [Flow(home: 0, partition: 2, customers: 1, highCustomers: 0, anticipatedVolume: 0)])
    }

    @Test("shows a change of a home's customers in the home's own flow")
    func customersOfHome() {
        var harness = AggregatorHarness(lateness: 0)
        harness.apply(
            Step(customer: "a", sequence: 1, time: 1, home: 1, high: [0]),
            Step(customer: "b", sequence: 1, time: hour + 1, home: 1))
        harness.mark(2 * hour)
        #expect(
            harness.records.last?.flows
                == [Flow(home: 1, partition: 1, customers: 2, highCustomers: 0, anticipatedVolume: 0)])
    }

    @Test("counts a dormant customer for nothing until it comes back")
    func dormant() {
        var harness = AggregatorHarness(lateness: 0)
        harness.apply(
            Step(customer: "a", sequence: 1, time: 1, high: [1], shares: [(1, 10_000)], volume: 50),
            Step(customer: "b", sequence: 1, time: 2))
        harness.mark(hour)
        harness.apply(
            Step(
                customer: "a", sequence: 2, time: hour + 1, high: [1], shares: [(1, 10_000)], volume: 50,
                isDormant: true))
        harness.mark(2 * hour)
        #expect(harness.sums(asOf: 2 * hour) != harness.sums(asOf: hour))
        #expect(harness.records.last?.flows.map(\.customers) == [1, 1])
        #expect(harness.records.last?.flows.map(\.highCustomers) == [0, 0])
        #expect(harness.records.last?.flows.map(\.anticipatedVolume) == [0, 0])
        harness.apply(
            Step(
                customer: "a", sequence: 3, time: 2 * hour + 1, high: [1], shares: [(1, 10_000)], volume: 50))
        harness.mark(3 * hour)
        #expect(harness.sums(asOf: 3 * hour) == harness.sums(asOf: hour))
    }

    @Test("ignores an update whose sequence is not above the one it holds")
    func duplicates() {
        var harness = AggregatorHarness(lateness: 0)
        let steps = [
            Step(customer: "a", sequence: 1, time: 1, high: [1]),
            Step(customer: "a", sequence: 2, time: 2, high: [2], volume: 5),
        ]
        harness.apply(steps + steps + steps)
        harness.apply(Step(customer: "a", sequence: 2, time: 90 * hour, high: [3]))
        #expect(harness.records.isEmpty)
        harness.mark(hour)
        #expect(harness.sums(asOf: hour) == ["0->0: 0 high, 0 B", "0->2: 1 high, 0 B", "0: 1 customers"])
    }

    @Test("takes a sequence of 0 for an update like any other")
    func sequenceZero() {
        var harness = AggregatorHarness(lateness: 0)
        harness.apply(
            Step(customer: "a", sequence: 0, time: 1, high: [1]),
            Step(customer: "a", sequence: 1, time: 1, high: [1]))
        harness.mark(hour)
        #expect(harness.sums(asOf: hour) == ["0->0: 0 high, 0 B", "0->1: 1 high, 0 B", "0: 1 customers"])
    }

    @Test("moves everything when a customer's home moves")
    func homeMoves() {
        var harness = AggregatorHarness(lateness: 0)
        harness.apply(
            Step(customer: "a", sequence: 1, time: 1, home: 0, high: [1]),
            Step(customer: "a", sequence: 2, time: hour + 1, home: 2, high: [1]))
        harness.mark(2 * hour)
        #expect(
            harness.sums(asOf: 2 * hour) == [
                "0->0: 0 high, 0 B", "0->1: 0 high, 0 B", "2->1: 1 high, 0 B", "2->2: 0 high, 0 B",
                "0: 0 customers", "2: 1 customers",
            ])
    }

    @Test("a tombstone takes out what the customer contributed, and its sequence may start again")
    func tombstone() {
        var harness = AggregatorHarness(lateness: 60_000)
        harness.apply(
            Step(customer: "a", sequence: 7, time: hour - 1, high: [1], shares: [(1, 10_000)], volume: 9),
            Step(customer: "a", sequence: 8, time: hour + 1, high: [2]))
        harness.forget("a")
        harness.forget("nobody")
        harness.mark(2 * hour)
        #expect(harness.aggregator.customerCount == 0)
        #expect(harness.sums(asOf: 2 * hour).isEmpty)
        harness.apply(Step(customer: "a", sequence: 1, time: 2 * hour + 1, high: [1]))
        harness.mark(3 * hour)
        #expect(
            harness.sums(asOf: 3 * hour) == ["0->0: 0 high, 0 B", "0->1: 1 high, 0 B", "0: 1 customers"])
    }

    @Test("keeps an update that is early out of the window before it")
    func earlyUpdates() {
        var harness = AggregatorHarness()
        harness.apply(
            Step(customer: "a", sequence: 1, time: hour - 10, high: [1]),
            Step(customer: "a", sequence: 2, time: hour + 10, high: [2]),
            Step(customer: "b", sequence: 1, time: hour - 5, high: [3]))
        harness.mark(2 * hour)
        #expect(
            harness.sums(asOf: hour) == [
                "0->0: 0 high, 0 B", "0->1: 1 high, 0 B", "0->3: 1 high, 0 B", "0: 2 customers",
            ])
        #expect(harness.sums(asOf: 2 * hour).contains("0->2: 1 high, 0 B"))
        #expect(harness.records.map(\.windowEnd) == [hour, 2 * hour])
    }

    @Test("counts a late update into the open window")
    func lateUpdates() {
        var harness = AggregatorHarness()
        harness.apply(Step(customer: "a", sequence: 1, time: 5 * hour + 120_000))
        harness.apply(Step(customer: "b", sequence: 1, time: 3, high: [1]))
        harness.mark(6 * hour)
        #expect(harness.records.last?.windowEnd == 6 * hour)
        #expect(harness.records.last?.flows.map(\.highCustomers) == [0, 1])
    }

    @Test("jumps over empty windows with one record")
    func jump() {
        var harness = AggregatorHarness()
        harness.apply(
            Step(customer: "a", sequence: 1, time: 100_000, high: [1]),
            Step(customer: "b", sequence: 1, time: 9_000 * hour + 100_000))
        #expect(harness.records.count == 1)
        #expect(harness.records.first?.windowEnd == hour)
        #expect(harness.records.first?.completeThrough == 9_000 * hour)
    }

    @Test("tells progress and idleness without data, but only if they are news")
    func marks() {
        var harness = AggregatorHarness()
        harness.mark(nil, idle: true)
        harness.mark(nil, idle: true)
        harness.mark(5 * hour + 7, idle: true)
        harness.mark(5 * hour + 8, idle: true)
        harness.apply(Step(customer: "a", sequence: 1, time: 5 * hour + 9))
        #expect(harness.records.map(\.idle) == [true, true, false])
        #expect(harness.records.map(\.completeThrough) == [0, 5 * hour, 5 * hour])
        #expect(harness.records.map(\.windowEnd) == [0, 5 * hour, 5 * hour])
    }

    @Test("does not trap on hostile figures", arguments: [Int64.min, -1, 0, 1_000_000_000_000_000, .max])
    func hostile(time: Int64) {
        var harness = AggregatorHarness()
        harness.apply(
            Step(
                customer: "", sequence: .max, time: time, high: [.max, 3, 3], shares: [(3, .max)],
                volume: .max),
            Step(customer: "b", sequence: 0, time: 0, volume: .min),
            Step(customer: "c", sequence: 1, time: time, shares: [(3, 1), (3, 1)], volume: .max),
            Step(customer: "c", sequence: 2, time: .max))
        harness.mark(.min)
        harness.mark(.max)
        #expect(harness.aggregator.customerCount == 3)
        #expect(harness.aggregator.watermark ?? 0 > 1 << 60)
    }

    @Test("refills an update from a whole vector change")
    func refill() {
        var change = VectorChange(partitions: 3)
        change.sequence = 4
        change.time = 5
        change.home = 2
        change.after.share = [0, 4_000, 6_000]
        change.after.high = [2]
        change.after.volume = 77
        var update = VectorUpdate()
        update.refill(from: change)
        let expected = Step(
            customer: "", sequence: 4, time: 5, home: 2, high: [2], shares: [(1, 4_000), (2, 6_000)],
            volume: 77)
        #expect(update == expected.update)
    }
}
