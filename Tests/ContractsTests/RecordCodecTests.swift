import Contracts
import Testing

/// The records that are few: trends, telemetry, commands, profiles.
@Suite struct RecordCodecTests {
    private let map: PartitionMap
    private let names: PartitionNames

    init() throws {
        map = try PartitionMap(["eu", "us/\"sales\"", "asia"])
        names = PartitionNames(map)
    }

    private static let telemetryText =
        #"{"partition":"us/\"sales\"","time":1767605400250,"reads":12,"writes":3,"errors":1,"latencyP50Micros":800,"#
        + #""latencyP99Micros":4200,"utilisation":0.617,"replicaLagMillis":15,"divergence":{"sampled":100,"found":2}}"#
    private static let telemetry = Telemetry(
        partition: 1, time: 1_767_605_400_250, reads: 12, writes: 3, errors: 1, latencyP50Micros: 800,
        latencyP99Micros: 4_200, utilisationMilli: 617, replicaLagMillis: 15, divergenceSampled: 100,
        divergenceFound: 2)

    private func decodeTelemetry(_ text: String) throws(Rejection) -> Telemetry {
        try Telemetry(decoding: text.utf8Span.span.bytes, partitions: map)
    }

    @Test func telemetryRoundTrips() throws {
        var writer = JSONWriter()
        Self.telemetry.encode(names: names, into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.telemetryText)
        #expect(try decodeTelemetry(Self.telemetryText) == Self.telemetry)
    }

    @Test func telemetryMayLeaveOutDivergenceAndWriteTimeAsText() throws {
        let text = Self.telemetryText
            .replacing(#","divergence":{"sampled":100,"found":2}"#, with: "")
            .replacing("1767605400250", with: #""2026-01-05T10:30:00.25+01:00""#)
        var expected = Self.telemetry
        expected.divergenceSampled = 0
        expected.divergenceFound = 0
        #expect(try decodeTelemetry(text) == expected)
    }

    @Test(arguments: [
        (#""partition":"us"#, #""partition":"uk"#, Rejection.Reason.unknownPartition, "partition"),
        (#""reads":12,"#, "", .missingField, "reads"),
        (#""reads":12"#, #""reads":-12"#, .invalidField, "reads"),
        (#""errors":1"#, #""errors":"1""#, .invalidField, "errors"),
        ("4200", "4200.5", .invalidField, "latencyP99Micros"),
        ("15", "9007199254740992", .invalidField, "replicaLagMillis"),
        ("0.617", "-0.6", .invalidField, "utilisation"),
        (#""found":2"#, #""found":-2"#, .invalidField, "divergence.found"),
        (#"{"sampled":100,"found":2}"#, "[]", .invalidField, "divergence"),
        (#"100,"found":2"#, "100", .missingField, "divergence.found"), ("}}", "}", .malformedJSON, "byte"),
    ])
    func badTelemetry(part: String, replacement: String, reason: Rejection.Reason, mention: String) throws {
        let bad = Self.telemetryText.replacing(part, with: replacement)
        #expect(bad != Self.telemetryText)
        let rejected = try #require(rejection { () throws(Rejection) in _ = try decodeTelemetry(bad) })
        #expect(rejected.reason == reason, "\(rejected)")
        #expect(rejected.detail.contains(mention), "\(rejected)")
    }

    @Test func trendsRoundTrip() throws {
        let flows = [
            Flow(
                home: 0, partition: 1, customers: 10, highCustomers: 4, anticipatedVolume: 5_000,
                anticipatedAccesses: 7_250, accesses: 31),
            Flow(home: 2, partition: 0, customers: 1, highCustomers: 0, anticipatedVolume: .max),
        ]
        for record in [
            TrendRecord(
                source: 1, sources: 4, windowStart: 0, windowEnd: 60_000, completeThrough: 120_000,
                idle: false,
                flows: flows),
            TrendRecord(
                source: 0, sources: 1, windowStart: -60_000, windowEnd: 0, completeThrough: .max, idle: true,
                flows: []),
        ] {
            var writer = JSONWriter()
            record.encode(names: names, into: &writer)
            #expect(try TrendRecord(decoding: writer.bytes.span.bytes, partitions: map) == record)
        }
    }

    @Test func theShapeOfATrend() throws {
        let text =
            #"{"source":1,"sources":4,"window":{"start":0,"end":60000},"completeThrough":60000,"idle":false,"#
            + #""flows":[{"home":"eu","partition":"us/\"sales\"","customers":10,"highCustomers":4,"#
            + #""anticipatedVolume":5000,"anticipatedAccesses":7250,"accesses":31}]}"#
        let record = try TrendRecord(decoding: text.utf8Span.span.bytes, partitions: map)
        var writer = JSONWriter()
        record.encode(names: names, into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
        for (part, replacement) in [
            ("\"source\":1", "\"source\":4"), ("\"sources\":4", "\"sources\":0"), ("\"eu\"", "\"uk\""),
            (":10,", ":-1,"),
            ("[{", "[1,{"), ("false", "0"), ("\"end\"", "\"End\""),
        ] {
            let bad = text.replacing(part, with: replacement)
            #expect(throws: Rejection.self, "\(bad)") {
                try TrendRecord(decoding: bad.utf8Span.span.bytes, partitions: map)
            }
        }
    }

    private static let command = ShadowCommand(
        type: .readRoutingShift, source: 0, target: 1, epoch: 5, phase: .ramping, readShareMilli: 250,
        dualWrite: true, isPinned: true, order: OrderNote(id: "7", by: "ada", reason: "\"now\""),
        cohortSize: 40, cohortShareMilli: 125,
        evidence: [Evidence(figure: "errorRate", valueMilli: -1, thresholdMilli: 10)], windowStart: 0,
        windowEnd: 60_000)
    private static let commandText =
        ##"{"id":"eu>us/\"sales\"#5","type":"read-routing-shift","shadow":"eu>us/\"sales\"","source":"eu","##
        + #""target":"us/\"sales\"","epoch":5,"phase":"ramping","readShare":0.25,"dualWrite":true,"#
        + ##""paused":false,"pinned":true,"order":{"id":"7","by":"ada","reason":"\"now\""},"##
        + #""cohort":{"size":40,"share":0.125,"predicate":{"home":"eu","high":"us/\"sales\""}},"#
        + #""evidence":[{"figure":"errorRate","value":-0.001,"threshold":0.01}],"window":{"start":0,"end":60000}}"#

    @Test func commandsRoundTrip() throws {
        var writer = JSONWriter()
        Self.command.encode(names: names, into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.commandText)
        #expect(try ShadowCommand(decoding: writer.bytes.span.bytes, partitions: map) == Self.command)
        #expect(Self.command.shadow(map) == "eu>us/\"sales\"")
    }

    @Test func commandsFromBeforeThereWereOrdersAreRead() throws {
        let old = Self.commandText.replacing(
            ##""paused":false,"pinned":true,"order":{"id":"7","by":"ada","reason":"\"now\""},"##, with: "")
        #expect(old != Self.commandText)
        var expected = Self.command
        (expected.isPinned, expected.order) = (false, nil)
        #expect(try ShadowCommand(decoding: old.utf8Span.span.bytes, partitions: map) == expected)
    }

    @Test(arguments: [
        ("read-routing-shift", "shift", "type"), ("ramping", "romping", "phase"),
        ("0.25", "1.001", "readShare"),
        ("0.25", "-0.1", "readShare"), (#""dualWrite":true"#, #""dualWrite":1"#, "dualWrite"),
        (#""paused":false"#, #""paused":0"#, "paused"), (#""by":"ada""#, #""by":1"#, "order.by"),
        (#""epoch":5"#, #""epoch":-5"#, "epoch"), (#""size":40"#, #""size":null"#, "cohort.size"),
        (#""figure":"errorRate""#, #""figure":1"#, "evidence[].figure"),
    ])
    func badCommands(part: String, replacement: String, mention: String) throws {
        let bad = Self.commandText.replacing(part, with: replacement)
        #expect(bad != Self.commandText)
        let rejected = try #require(
            rejection { () throws(Rejection) in
                _ = try ShadowCommand(decoding: bad.utf8Span.span.bytes, partitions: map)
            })
        #expect(rejected.detail.contains(mention), "\(rejected)")
    }

    @Test(arguments: [
        (#"{"home":"asia"}"#, "c1", nil as Rejection.Reason?),
        (#"{"customer":"c1","home":"asia","location":[1]}"#, "c1", nil),
        (#"{"customer":"c2","home":"asia"}"#, "c1", .keyMismatch),
        (#"{"home":"mars"}"#, "c1", .unknownPartition),
        (#"{}"#, "c1", .missingField), (#"{"home":"asia"}"#, "", .emptyKey),
        (#"{"home":"#, "c1", .malformedJSON),
        (#"{"home":"asia"}"#, Mark.reservedKey, .invalidField),
        (#"{"home":"asia"}"#, String(repeating: "c", count: 257), .invalidField),
    ])
    func profiles(value: String, key: String, reason: Rejection.Reason?) {
        var profile: CustomerProfile?
        let rejected = rejection { () throws(Rejection) in
            profile = try CustomerProfile(
                decoding: value.utf8Span.span.bytes, key: key.utf8Span.span.bytes, partitions: map)
        }
        #expect(rejected?.reason == reason)
        #expect(profile?.home == (reason == nil ? 2 : nil))
    }

    @Test func truncationsAreRejectedAtEveryByte() {
        for (kind, text) in [("telemetry", Self.telemetryText), ("command", Self.commandText)] {
            let bytes = Array(text.utf8)
            for count in 0..<bytes.count {
                let part = Array(bytes.prefix(count))
                #expect(throws: Rejection.self, "\(kind), the first \(count) bytes") {
                    if kind == "command" {
                        _ = try ShadowCommand(decoding: part.span.bytes, partitions: map)
                    } else {
                        _ = try Telemetry(decoding: part.span.bytes, partitions: map)
                    }
                }
            }
        }
    }
}
