import Contracts
import Pipeline
import Testing
import Trends

/// One sender with a wrong clock changes nothing for anybody else.
///
/// Customers of us-east move to eu-west; a shadow is made, ramped, and sent back when its target fails. Somebody in sa-east,
/// who has nothing to do with that, has a wrong clock.
@Suite struct WrongClockTests {
    private static let hour: EventTime = 3_600_000
    private static let year: EventTime = 365 * 24 * hour
    private static let start: EventTime = 1_767_571_200_000 / hour * hour
    private static let windows: Int64 = 42
    private static let failing: Int64 = 34

    /// What the broker's time stamps say of when an event happened.
    enum Stamps: CaseIterable {
        /// It was appended when it happened.
        case live
        /// All of it was appended years later.
        case history
        /// Nothing.
        case absent

        func stamp(_ time: EventTime) -> EventTime? {
            switch self {
            case .live: time + 1_000
            case .history: time + 20 * 365 * 24 * 3_600_000
            case .absent: nil
            }
        }
    }

    /// What is wrong: the clock of one sender, by so much.
    struct Fault: Sendable {
        enum Input: CaseIterable { case interactions, telemetry, orders, profiles, telemetryMarks, marks }
        var input: Input
        var offset: EventTime
    }

    /// Something that somebody sends at a time.
    private enum Event {
        case access(customer: String, region: Int)
        case sample(Telemetry)
        case order
        case profile
        case mark(inTelemetry: Bool)
    }

    private static func configuration() -> PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.planner.activateHoldWindows = 2
        configuration.planner.coolDownWindows = 3
        return configuration
    }

    /// What happens, in the order in which it happens; what `fault` says comes out with another time.
    private static func play(
        _ fault: Fault?, _ stamps: Stamps, seed: UInt64,
        _ extra: (inout ChainStand, EventTime) throws -> Void = {
            _, _ in
        }
    ) throws -> ChainStand {
        var random = SplitMix(seed: seed)
        var stand = try ChainStand(configuration())
        for customer in 0..<2 {
            try stand.interaction("c\(customer)", region: 0, time: start, appended: stamps.stamp(start))
        }
        for partition in 0..<2 as Range<PartitionIndex> {
            try stand.telemetry(sample(partition, start), appended: stamps.stamp(start))
        }
        for window in 0..<windows {
            for (time, event) in events(window, &random) {
                try apply(event, time, fault, stamps, to: &stand)
            }
            try extra(&stand, start + window * hour + hour / 2)
        }
        return stand
    }

    /// The first three quarters of an hour are busy: a clock that is less ahead than a step has no others to be late.
    private static func events(_ window: Int64, _ random: inout SplitMix) -> [(EventTime, Event)] {
        var events: [(EventTime, Event)] = []
        func add(_ event: Event, _ random: inout SplitMix) {
            events.append((start + window * hour + Int64.random(in: 2..<45 * 60_000, using: &random), event))
        }
        for customer in 0..<30 {
            let hasMoved = window > 6 + Int64(customer % 10)
            add(.access(customer: "c\(customer)", region: hasMoved && customer % 3 > 0 ? 2 : 0), &random)
        }
        add(.access(customer: "wrong", region: 4), &random)
        for partition in 0..<5 as Range<PartitionIndex> {
            var sample = sample(partition, 0)
            if partition == 2, window >= failing { sample.errors = 500 }
            add(.sample(sample), &random)
        }
        if window % 10 == 5 {
            add(.order, &random)
            add(.profile, &random)
        }
        add(.mark(inTelemetry: true), &random)
        add(.mark(inTelemetry: false), &random)
        return events.sorted { $0.0 < $1.0 }
    }

    private static func apply(
        _ event: Event, _ time: EventTime, _ fault: Fault?, _ stamps: Stamps, to stand: inout ChainStand
    ) throws {
        let appended = stamps.stamp(time)
        func told(_ input: Fault.Input) -> EventTime {
            max(0, time + (fault?.input == input ? fault?.offset ?? 0 : 0))
        }
        switch event {
        case .access(let customer, let region):
            let told = customer == "wrong" ? told(.interactions) : time
            try stand.interaction(customer, region: region, time: told, appended: appended)
        case .sample(var sample):
            sample.time = sample.partition == 4 ? told(.telemetry) : time
            try stand.telemetry(sample, appended: appended)
        case .order:
            let order = ShadowOrder(
                id: "o\(time)", time: told(.orders), kind: .pause, source: 4, target: 3, by: "a", reason: "r")
            try stand.order(order, appended: appended)
        case .profile:
            // A profile says no time.
            try stand.profile("wrong", home: 4, appended: told(.profiles))
        case .mark(let inTelemetry):
            let told = told(inTelemetry ? .telemetryMarks : .marks)
            try stand.mark(String(told), inTelemetry: inTelemetry, appended: appended)
        }
    }

    private static func sample(_ partition: PartitionIndex, _ time: EventTime) -> Telemetry {
        Telemetry(
            partition: partition, time: time, reads: 900, writes: 100, errors: 0, latencyP50Micros: 900,
            latencyP99Micros: 5_000, utilisationMilli: 300, replicaLagMillis: 5, divergenceSampled: 50,
            divergenceFound: 0)
    }

    /// The commands about others, but for figures to which everybody adds.
    private static func others(_ stand: ChainStand) -> [String] {
        stand.commands.filter { $0.source != 4 && $0.target != 4 }.map {
            "\($0.type.rawValue) \($0.source)>\($0.target) \($0.phase.rawValue) \($0.readShareMilli) until \($0.windowEnd)"
        }
    }

    /// The alerts about others.
    private static func alertsOfOthers(_ stand: ChainStand) -> [String] {
        stand.alerts.filter { !$0.rule.hasSuffix("sa-east") && !$0.rule.hasPrefix("dead-letters") }.map {
            "\($0.rule) \($0.state.rawValue) since \($0.since)"
        }
    }

    // MARK: What was seen

    @Test(arguments: Stamps.allCases)
    func `telemetry of somebody else from two years ahead stops neither guards nor alerts`(stamps: Stamps)
        throws
    {
        let good = try Self.play(nil, stamps, seed: 1)
        let bad = try Self.play(nil, stamps, seed: 1) { stand, time in
            if time == Self.start + (Self.failing - 1) * Self.hour + Self.hour / 2 {
                try stand.telemetry(
                    Self.sample(4, time + 2 * Self.year), appended: stamps.stamp(time))
            }
        }
        #expect(Self.others(good).contains { $0.hasPrefix("shadow-rollback 0>2") })
        #expect(Self.others(bad) == Self.others(good))
        #expect(Self.alertsOfOthers(bad) == Self.alertsOfOthers(good))
        #expect(Self.alertsOfOthers(good).contains { $0.hasPrefix("error-budget-fast:eu-west firing") })
        let late = bad.dead.filter { $0.reason == "future-time" }
        #expect(late.count == (stamps == .live ? 1 : 0))
        #expect(bad.plannerReport.heldBack > 0 || stamps == .live)
    }

    @Test func `interactions of a producer that is a year ahead are dead letters, and commands come as ever`()
        throws
    {
        let good = try Self.play(nil, .live, seed: 2)
        let bad = try Self.play(nil, .live, seed: 2) { stand, time in
            if time != Self.start + Self.hour / 2 { return }
            for number in 0..<20 {
                try stand.interaction(
                    "p\(number)", region: 4, time: time + Self.year + Int64(number), appended: time + 1_000)
            }
        }
        #expect(Self.others(good).count >= 7)
        #expect(Self.others(bad) == Self.others(good))
        let late = bad.dead.filter { $0.reason == "future-time" }
        #expect(late.count == 20)
        let time = Self.start + Self.hour / 2
        #expect(late.first?.detail.contains("time \(time + Self.year)") == true)
        #expect(late.first?.detail.contains("time stamp \(time + 1_000) by more than 600000 ms") == true)
    }

    @Test(arguments: ["-1", "253402300799999", "253402300800000", "-9223372036854775808"], [true, false])
    func `a mark of before 1970, or of the end of time, is a dead letter`(text: String, inTelemetry: Bool)
        throws
    {
        let good = try Self.play(nil, .live, seed: 3)
        let bad = try Self.play(nil, .live, seed: 3) { stand, time in
            try stand.mark(text, inTelemetry: inTelemetry, appended: time)
        }
        #expect(bad.dead.count == good.dead.count + Int(Self.windows))
        #expect(Self.others(bad) == Self.others(good))
    }

    // MARK: Whatever is wrong

    private static let seeds: ClosedRange<UInt64> = 1...3

    /// Minutes to years, ahead and behind.
    private static func offset(_ random: inout SplitMix) -> EventTime {
        let scales: [ClosedRange<EventTime>] = [
            60_000...(hour / 2), (hour / 2)...(3 * hour), (4 * hour)...(30 * 24 * hour),
            (30 * 24 * hour)...(9 * year),
        ]
        let scale = scales[Int.random(in: scales.indices, using: &random)]
        let amount = EventTime.random(in: scale, using: &random)
        return Bool.random(using: &random) ? amount : -amount
    }

    @Test(arguments: seeds, [Fault.Input.interactions, .telemetry, .orders, .profiles])
    func `whatever one sender's clock says, commands and alerts about others are the same`(
        seed: UInt64, input: Fault.Input
    ) throws {
        var random = SplitMix(seed: seed)
        let good = try Self.play(nil, .live, seed: seed)
        for stamps in Stamps.allCases {
            var fault = Fault(input: input, offset: Self.offset(&random))
            // Without the broker's clock a customer is believed a step ahead.
            if input == .interactions, stamps != .live, (0...Self.hour).contains(fault.offset) {
                fault.offset += Self.hour
            }
            let bad = try Self.play(fault, stamps, seed: seed)
            #expect(Self.others(good).count >= 7, "seed \(seed)")
            #expect(Self.others(bad) == Self.others(good), "seed \(seed), \(fault), \(stamps)")
            #expect(
                Self.alertsOfOthers(bad) == Self.alertsOfOthers(good), "seed \(seed), \(fault), \(stamps)")
        }
    }

    @Test(arguments: seeds, [Fault.Input.telemetryMarks, .marks])
    func `whatever one writer of marks says, commands and alerts are the same`(
        seed: UInt64, input: Fault.Input
    ) throws {
        var random = SplitMix(seed: seed)
        let good = try Self.play(nil, .live, seed: seed)
        for stamps in Stamps.allCases {
            // Without the broker's clock a mark in interactions may close the window that is open.
            if input == .marks, stamps != .live { continue }
            var fault = Fault(input: input, offset: Self.offset(&random))
            // So may one in the telemetry that is a few windows ahead.
            if stamps != .live, (0...4 * Self.hour).contains(fault.offset) { fault.offset += 4 * Self.hour }
            let bad = try Self.play(fault, stamps, seed: seed)
            #expect(Self.others(bad) == Self.others(good), "seed \(seed), \(fault), \(stamps)")
            #expect(
                Self.alertsOfOthers(bad) == Self.alertsOfOthers(good), "seed \(seed), \(fault), \(stamps)")
        }
    }

    @Test(arguments: seeds) func `without the broker's clock, marks from years ahead cost a window at most`(
        seed: UInt64
    ) throws {
        let good = try Self.play(nil, .history, seed: seed)
        let bad = try Self.play(Fault(input: .marks, offset: 5 * Self.year), .history, seed: seed)
        let (expected, made) = (good.commands.prefix(7), bad.commands.prefix(7))
        #expect(made.map(\.type) == expected.map(\.type), "seed \(seed)")
        for (one, other) in zip(made, expected) {
            #expect(abs(one.windowEnd - other.windowEnd) <= Self.hour, "seed \(seed)")
        }
    }
}
