import Contracts
import Testing
import Trends

@Suite("Merging trend sources and telemetry")
struct PlannerMergeTests {
    private enum Message: Sendable {
        case trend(TrendRecord)
        case telemetry(Telemetry)
        case mark(EventTime)
    }

    private func run(_ messages: [Message]) -> Planner.Outcome {
        var configuration = PlannerConfiguration()
        configuration.coolDownWindows = 2
        var planner = Planner(configuration: configuration, partitions: 4)
        var commands: [ShadowCommand] = []
        for message in messages {
            switch message {
            case .trend(let record): planner.receive(record) { commands.append($0) }
            case .telemetry(let sample): planner.receive(sample) { commands.append($0) }
            case .mark(let time):
                planner.telemetryMark(completeThrough: time, idle: false) { commands.append($0) }
            }
        }
        return Planner.Outcome(planner, commands)
    }

    /// One source's records over 120 windows: it skips windows, and its sums wander.
    private func trends(_ source: Int32, _ random: inout SeededGenerator) -> [Message] {
        var messages: [Message] = []
        var window: Int64 = 0
        while window < 120 {
            let next = min(window + Int64([1, 1, 1, 2, 9].randomElement(using: &random) ?? 1), 120)
            let flows = (0..<4 as Range<PartitionIndex>).flatMap { home in
                (0..<4 as Range<PartitionIndex>).compactMap { partition -> Flow? in
                    if Int.random(in: 0..<3, using: &random) == 0 { return nil }
                    let high = Int64([0, 10, 300, 400].randomElement(using: &random) ?? 0)
                    return flow(home, partition, of: 1_000 + window, high: high)
                }
            }
            let end = (window + 1) * hour
            messages.append(
                .trend(
                    trendRecord(source: source, of: 3, windowEnd: end, completeThrough: next * hour, flows)))
            window = next
        }
        let end = 120 * hour
        messages.append(.trend(trendRecord(source: source, of: 3, windowEnd: end, idle: source == 1, [])))
        return messages
    }

    private func telemetry(_ random: inout SeededGenerator) -> [Message] {
        var messages: [Message] = []
        for window in 0..<120 as Range<Int64> {
            for partition in (0..<4 as Range<PartitionIndex>).shuffled(using: &random) {
                var sample = goodTelemetry(partition, at: window * hour + Int64(partition) + 1)
                if Int.random(in: 0..<8, using: &random) == 0 { sample.utilisationMilli = 2_000 }
                if Int.random(in: 0..<8, using: &random) > 0 { messages.append(.telemetry(sample)) }
            }
        }
        messages.append(.mark(120 * hour))
        return messages
    }

    private func interleave(_ streams: [[Message]], _ random: inout SeededGenerator) -> [Message] {
        var rest = streams.map { $0[...] }
        var all: [Message] = []
        while let stream = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random) {
            // Runs of one source, so that some get far ahead.
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                if let message = rest[stream].popFirst() { all.append(message) }
            }
        }
        return all
    }

    @Test("gives the same commands however the sources interleave", arguments: 0..<25 as Range<UInt64>)
    func interleaving(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let streams = [
            trends(0, &random), trends(1, &random), trends(2, &random), telemetry(&random),
        ]
        let reference = run(Array(streams.joined()))
        #expect(reference.commands.count > 50, "seed \(seed)")
        #expect(reference.plannedThrough == 120 * hour, "seed \(seed)")
        for round in 0..<6 {
            #expect(run(interleave(streams, &random)) == reference, "seed \(seed), round \(round)")
        }
    }

    @Test("raises epochs by one, with reads only where writes go too", arguments: 0..<25 as Range<UInt64>)
    func epochs(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let streams = [
            trends(0, &random), trends(1, &random), trends(2, &random), telemetry(&random),
        ]
        var epochs: [UInt32: UInt64] = [:]
        for command in run(Array(streams.joined())).commands {
            let shadow = UInt32(command.source) << 16 | UInt32(command.target)
            #expect(command.epoch == epochs[shadow, default: 0] + 1, "seed \(seed): \(command)")
            #expect(command.readShareMilli == 0 || command.dualWrite, "seed \(seed): \(command)")
            #expect(!command.evidence.isEmpty, "seed \(seed): \(command)")
            epochs[shadow] = command.epoch
        }
    }

    @Test("waits for sources that were never heard, and for the telemetry")
    func waits() {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 4)
        let flows = [flow(0, 1, high: 300)]
        planner.receive(trendRecord(source: 0, of: 2, windowEnd: 5 * hour, flows)) { _ in }
        planner.telemetryMark(completeThrough: 3 * hour, idle: false) { _ in }
        #expect(planner.plannedThrough == nil)
        planner.receive(trendRecord(source: 1, of: 2, windowEnd: 4 * hour, flows)) { _ in }
        #expect(planner.plannedThrough == 3 * hour)
        planner.receive(goodTelemetry(2, at: 4 * hour)) { _ in }
        #expect(planner.plannedThrough == 4 * hour)
        planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        #expect(planner.plannedThrough == 4 * hour)
        planner.receive(trendRecord(source: 1, of: 2, windowEnd: 4 * hour, idle: true, [])) { _ in }
        #expect(planner.plannedThrough == 5 * hour)
        #expect(planner.waiting == 0)
    }

    @Test("plans nothing beyond what was said when all sources are idle")
    func allIdle() {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 4)
        planner.telemetryMark(completeThrough: 900 * hour, idle: false) { _ in }
        planner.receive(trendRecord(source: 0, of: 2, windowEnd: 5 * hour, idle: true, [])) { _ in }
        planner.receive(trendRecord(source: 1, of: 2, windowEnd: 7 * hour, idle: true, [])) { _ in }
        #expect(planner.plannedThrough == 7 * hour)
    }

    @Test("counts an idle source's late windows into the next one it plans")
    func lateAfterIdle() {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 4)
        var commands: [ShadowCommand] = []
        planner.telemetryMark(completeThrough: 900 * hour, idle: false) { _ in }
        planner.receive(trendRecord(source: 0, of: 2, windowEnd: hour, idle: true, [])) { _ in }
        planner.receive(trendRecord(source: 1, of: 2, windowEnd: 50 * hour, [])) { _ in }
        #expect(planner.plannedThrough == 50 * hour)
        planner.receive(trendRecord(source: 0, of: 2, windowEnd: 2 * hour, [flow(0, 1, high: 300)])) {
            commands.append($0)
        }
        #expect(planner.plannedThrough == 50 * hour)
        for source in 0..<2 as Range<Int32> {
            planner.receive(trendRecord(source: source, of: 2, windowEnd: 52 * hour, [])) {
                commands.append($0)
            }
        }
        #expect(commands.map(\.windowEnd) == [52 * hour])
    }

    @Test("adds up what the sources say, and takes a record twice without harm")
    func sums() {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 4)
        var commands: [ShadowCommand] = []
        planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        let old = trendRecord(source: 0, of: 2, windowEnd: hour, [flow(0, 1, of: 100, high: 90)])
        for record in [
            old, old, trendRecord(source: 0, of: 2, windowEnd: 2 * hour, [flow(0, 1, of: 100, high: 4)]), old,
            trendRecord(source: 0, of: 2, windowEnd: 4 * hour, [flow(0, 2, of: 200, high: 1)]),
            trendRecord(source: 1, of: 2, windowEnd: hour, [flow(0, 1, of: 100, high: 20)]),
            trendRecord(source: 1, of: 2, windowEnd: 4 * hour, []),
        ] { planner.receive(record) { commands.append($0) } }
        #expect(planner.ignored == 1)
        #expect(commands.map(\.cohortSize) == [24])
        #expect(commands.map(\.cohortShareMilli) == [120])
        #expect(planner.shadows.first?.cohortShareMilli == 80)
    }

    @Test("ignores records and samples that cannot be")
    func impossible() {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 4)
        for (source, sources) in [(-1, 1), (1, 1), (0, 0), (0, .max), (3, -7)] as [(Int32, Int32)] {
            planner.receive(trendRecord(source: source, of: sources, windowEnd: hour, [])) { _ in }
        }
        planner.receive(goodTelemetry(4, at: 1)) { _ in }
        planner.receive(goodTelemetry(0, at: 9 * hour)) { _ in }
        planner.receive(goodTelemetry(0, at: 9 * hour)) { _ in }
        planner.receive(goodTelemetry(1, at: hour)) { _ in }
        #expect(planner.ignored == 8)
        #expect(planner.waiting == 1)
        #expect(planner.plannedThrough == nil)
    }
}

extension Planner {
    /// What a run came to.
    struct Outcome: Equatable {
        let commands: [ShadowCommand]
        let shadows: [ShadowState]
        let plannedThrough: EventTime?

        init(_ planner: Planner, _ commands: [ShadowCommand]) {
            self.commands = commands
            shadows = planner.shadows
            plannedThrough = planner.plannedThrough
        }
    }
}
