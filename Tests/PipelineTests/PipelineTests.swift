import Contracts
import Kafka
import Testing
import Trends
import Workload

@testable import Pipeline

@Suite struct PipelineTests {
    @Test func `a duplicate id changes nothing`() async throws {
        let fixture = try PipelineFixture()
        let vectors = try await fixture.run {
            try await fixture.publish([
                interaction("1"), interaction("1"), interaction("2", region: "eu-west"),
            ])
            return try await fixture.read(TopicName.affinityVectors) { $0.count >= 2 }
        }
        #expect(vectors.map { $0.text.contains(#""offset":2}"#) } == [false, true])
    }

    @Test func `a profile sets the home, and its tombstone forgets the customer`() async throws {
        let fixture = try PipelineFixture()
        let vectors = try await fixture.run {
            let profile = Sent(key: "ada", value: #"{"home":"eu-west"}"#, topic: TopicName.customers)
            try await fixture.publish([profile])
            _ = try await fixture.read(TopicName.affinityVectors) { $0.count >= 1 }
            try await fixture.publish([Sent(key: "ada", value: nil, topic: TopicName.customers)])
            return try await fixture.read(TopicName.affinityVectors) { $0.count >= 2 }
        }
        #expect(vectors.first?.text.contains(#""home":"eu-west""#) == true)
        #expect(vectors.last == Received(key: "ada", value: nil, headers: [:]))
    }

    @Test(arguments: [UInt64(11)])
    func `a launch brings a shadow to life, and the same input gives the same bytes`(seed: UInt64)
        async throws
    {
        let first = try await play(seed: seed)
        let second = try await play(seed: seed)
        #expect(first.vectors == second.vectors, "seed \(seed)")
        #expect(first.commands == second.commands, "seed \(seed)")
        let map = try PartitionMap(Self.regions)
        let commands = try first.commands.map { try ShadowCommand(decoding: $0.span.bytes, partitions: map) }
        let launch = commands.filter {
            map.names[Int($0.source)] == "us-east" && map.names[Int($0.target)] == "eu-west"
        }
        #expect(launch.map(\.type).prefix(2) == [.provision, .activation], "seed \(seed)")
        #expect(launch.map(\.epoch) == Array(1...UInt64(launch.count)), "seed \(seed)")
    }

    static let regions = RegionProfile.standard.map(\.name)

    /// A small workload with one launch, played to the end.
    private func play(seed: UInt64) async throws -> (vectors: [[[UInt8]]], commands: [[UInt8]]) {
        var generator = GeneratorConfiguration(seed: seed)
        generator.customers = 150
        generator.days = 10
        generator.launches = [
            RegionalLaunch(home: "us-east", target: "eu-west", onsetDay: 2, fraction: 0.8, rampDays: 2)
        ]
        let events = Array(try Generator(generator))
        let fixture = try PipelineFixture(partitions: Self.regions)
        let end = (events.map(\.time).max() ?? 0) / 3_600_000 * 3_600_000 + 7_200_000
        return try await fixture.run(planning: true) {
            try await fixture.publish(Self.records(events, end: end))
            var vectors: [[[UInt8]]] = []
            for partition in Int32(0)...1 {
                // The mark at the end of the input is the last thing that is put out.
                let records = try await fixture.read(TopicName.affinityVectors, partition: partition) {
                    $0.last?.text.contains(#""time":\#(end + 60_000)"#) == true
                }
                vectors.append(records.compactMap(\.value))
            }
            let trends = try await fixture.read(TopicName.partitionTrends) { records in
                records.count { $0.text.contains(#""completeThrough":\#(end)"#) } >= 2
            }
            #expect(!trends.isEmpty)
            let commands = try await fixture.read(TopicName.partitionCommands) { records in
                records.contains { $0.text.contains("shadow-promotion") }
            }
            return (vectors, commands.compactMap(\.value))
        }
    }

    /// The interactions, the telemetry of a healthy data plane, and the marks.
    private static func records(_ events: [TraceEvent], end: EventTime) throws -> [Sent] {
        let map = try PartitionMap(regions)
        let names = PartitionNames(map)
        var records: [Sent] = []
        for event in events {
            let record = TraceRecord(event, line: 1)
            var sent = Sent(key: nil, value: nil)
            sent.partition = Int32(ByteHash.hash(record.key.span.bytes) % 2)
            sent.key = record.key
            sent.value = record.value
            records.append(sent)
        }
        var plane = SimulatedDataPlane(
            partitions: map.count, options: DataPlaneOptions(seed: 1, window: 3_600_000))
        var samples: [Telemetry] = []
        for event in events {
            guard let place = map.find(event.region) else { continue }
            samples += plane.observe(time: event.time, partition: place, write: false)
        }
        for sample in samples + plane.finish() {
            var writer = JSONWriter()
            sample.encode(names: names, into: &writer)
            var sent = Sent(
                key: map.names[Int(sample.partition)], value: nil, topic: TopicName.partitionTelemetry)
            sent.value = writer.bytes
            records.append(sent)
        }
        let mark = [Header(Mark.headerName, Mark.completeThrough(end + 60_000).text)]
        for partition in Int32(0)...1 {
            var sent = Sent(key: nil, value: nil, headers: mark)
            sent.partition = partition
            records.append(sent)
        }
        return records + [Sent(key: nil, value: nil, headers: mark, topic: TopicName.partitionTelemetry)]
    }
}
