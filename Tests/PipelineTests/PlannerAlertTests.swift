import Alerting
import Contracts
import Kafka
import Streams
import Testing
import Trends

@testable import Pipeline

/// Alerts go by the planner's clock.
@Suite struct PlannerAlertTests {
    private typealias Stand = PlannerStand
    private static let hour = PlannerStand.hour

    private static func isOver(_ partition: PartitionIndex) -> (inout Telemetry) -> Void {
        { if $0.partition == partition { $0.utilisationMilli = 950 } }
    }

    @Test func `an alert begins and ends with the windows that say so, keyed by its rule`() throws {
        var stand = try Stand()
        for number in 0..<4 as Range<Int64> {
            try stand.apply(Stand.window(number, Self.isOver(1)))
            #expect(try stand.alerts.count == (number < 2 ? 0 : 1))
        }
        for number in 4..<8 as Range<Int64> { try stand.apply(Stand.window(number)) }
        let records = stand.made.filter { $0.place.topic == TopicName.alerts }
        #expect(
            records.map { String(decoding: $0.key ?? [], as: UTF8.self) } == [
                "bottleneck:us-west", "bottleneck:us-west",
            ])
        let alerts = try stand.alerts
        #expect(alerts.map(\.state) == [.firing, .resolved])
        #expect(alerts.map(\.since) == [Self.hour, 5 * Self.hour])
        #expect(stand.report.alerts == 2)
    }

    @Test func `who runs dry alarms nobody`() throws {
        var topics = PipelineTopics()
        topics.isDryRun = true
        var stand = try Stand(PipelineConfiguration(), topics)
        for number in 0..<30 as Range<Int64> {
            try stand.apply(Stand.window(number, high: 100, Self.isOver(1)))
        }
        #expect(Set(stand.made.map(\.place.topic)) == [TopicName.dryRunCommands])
    }

    @Test func `a copy that waits for its demand is not stuck`() throws {
        var stand = try Stand()
        // Over 10 % and under 15 %: a shadow, but no reads.
        for number in 0..<60 as Range<Int64> { try stand.apply(Stand.window(number, high: 36)) }
        #expect(stand.report.shadows.map(\.phase) == [.populated])
        #expect(try stand.alerts == [])
    }

    @Test func `a copy that is never complete is stuck, until it is`() throws {
        var stand = try Stand()
        for number in 0..<40 as Range<Int64> {
            try stand.apply(
                Stand.window(number, high: 36) { $0.replicaLagMillis = number < 30 ? 600_000 : 5 })
        }
        #expect(stand.report.shadows.map(\.phase) == [.populated])
        #expect(
            try stand.alerts.short == [
                "stuck-ramp:us-east>eu-west firing", "stuck-ramp:us-east>eu-west resolved",
            ])
    }

    @Test func `a ramp that rests after a step back is not stuck, one that stays when it has rested is`()
        throws
    {
        var configuration = PipelineConfiguration()
        configuration.planner.activateHoldWindows = 2
        var stand = try Stand(configuration)
        // At 25 % of reads the target breaks a guard; from some hours later on nothing more is heard of it.
        for number in 0..<60 as Range<Int64> {
            let isBad = number == 7
            var window = try Stand.window(number, high: 90) { sample in
                if isBad, sample.partition == 2 { sample.utilisationMilli = 900 }
            }
            if number > 20 { window.remove(at: 2) }
            try stand.apply(window)
        }
        let shadow = try #require(stand.report.shadows.first)
        #expect(shadow.phase == .ramping && shadow.readShareMilli < 1_000 && !shadow.isResting)
        let stuck = try stand.alerts.filter { $0.rule.hasPrefix("stuck-ramp") }
        #expect(stuck.short == ["stuck-ramp:us-east>eu-west firing"])
        #expect(stuck.map(\.since) == [(8 + 24 + 6) * Self.hour])
    }

    @Test func `silence is noticed in windows in which there is nothing to plan`() throws {
        var stand = try Stand()
        for number in 0..<3 as Range<Int64> { try stand.apply(Stand.window(number)) }
        try stand.apply(Stand.mark(.idle))
        for number in 3..<9 as Range<Int64> {
            try stand.apply(Stand.sums(window: number, high: nil))
            #expect(try stand.alerts.count == (number < 5 ? 0 : 3))
        }
        #expect(try stand.alerts.map(\.since) == [4, 4, 4].map { $0 * Self.hour })
        try stand.apply(Stand.window(9))
        #expect(try stand.alerts.suffix(3).map(\.state) == [.resolved, .resolved, .resolved])
    }

    @Test func `a leap of years is passed over at once`() throws {
        var stand = try Stand()
        for number in 0..<3 as Range<Int64> { try stand.apply(Stand.window(number)) }
        try stand.apply(Stand.window(50_000_000))
        try stand.apply(Stand.window(50_000_001))
        #expect(stand.report.plannedThrough == 50_000_002 * Self.hour)
        // Silent for as long as is evaluated, then back.
        #expect(
            try stand.alerts.map(\.state) == [.firing, .firing, .firing, .resolved, .resolved, .resolved])
    }

    @Test func `dead letters in numbers raise an alert`() throws {
        var stand = try Stand()
        for number in 0..<6 as Range<Int64> {
            if number >= 2 { for _ in 0..<11 { try stand.apply(Stand.garbage) } }
            try stand.apply(Stand.window(number))
        }
        #expect(try stand.alerts.short == ["dead-letters firing"])
        #expect(try stand.alerts.first?.figures.first?.valueMilli == 11_000)
        #expect(stand.report.deadLetters == 44)
    }

    @Test func `under other burn limits what fired ends, and all begins anew`() throws {
        var stand = try Stand()
        for number in 0..<4 as Range<Int64> { try stand.apply(Stand.window(number, Self.isOver(1))) }
        try stand.save()
        var other = PipelineConfiguration()
        other.alerts.budget.slow = []
        try stand.restore(other)
        try stand.save()
        try stand.restore(other)
        for number in 4..<8 as Range<Int64> { try stand.apply(Stand.window(number, Self.isOver(1))) }
        let alerts = try stand.alerts
        #expect(alerts.map(\.state) == [.firing, .resolved, .firing])
        #expect(alerts.map(\.since) == [1, 5, 5].map { $0 * Self.hour })
        #expect(alerts[1].what.hasPrefix("No longer watched: us-west uses"))
    }

    @Test func `a snapshot of before there were alerts is gone on from`() throws {
        var topics = PipelineTopics()
        topics.isDryRun = true
        var stand = try Stand(PipelineConfiguration(), topics)
        for number in 0..<4 as Range<Int64> {
            try stand.apply(Stand.window(number, high: 36) { $0.replicaLagMillis = 600_000 })
        }
        try stand.save()
        // It ended before how many alerts there were, and whether what follows is there.
        stand.shared.removeLast(2)
        try stand.restore(PipelineConfiguration())
        #expect(stand.report.shadows.map(\.phase) == [.provisioning])
        for number in 4..<40 as Range<Int64> {
            try stand.apply(Stand.window(number, high: 36) { $0.replicaLagMillis = 600_000 })
        }
        // The shadow's time counts from the restart.
        #expect(try stand.alerts.short == ["stuck-ramp:us-east>eu-west firing"])
        #expect(try stand.alerts.map(\.since) == [28 * Self.hour])
    }

    @Test func `parts that do not belong together are refused`() throws {
        var stand = try Stand()
        for number in 0..<3 as Range<Int64> { try stand.apply(Stand.window(number)) }
        try stand.save()
        let shared = stand.shared
        try stand.apply(Stand.window(3))
        try stand.save()
        stand.shared = shared
        #expect(throws: SnapshotFailure.self) { try stand.restore() }
    }

    @Test func `a state of many partitions is saved in parts that a record can hold`() throws {
        let names = Stand.names + (0..<200).map { "partition-\($0)" }
        var stand = try Stand(PipelineConfiguration(), names: names)
        for number in 0..<2 as Range<Int64> { try stand.apply(Stand.window(number)) }
        try stand.save()
        let parts = stand.entries.filter { PlannerAlerts.isPart($0.key.span.bytes) }
        #expect(parts.count >= 1)
        #expect(parts.allSatisfy { $0.value.count <= 262_144 })
        try stand.save()
        try stand.restore()
        #expect(stand.report.plannedThrough == 2 * Self.hour)
    }
}
