import Contracts
import Kafka
import Pipeline
import Streams
import Workload

/// What a live run of the whole pipeline on the embedded cluster left in its topics.
enum ReplayRecording {
    static let seed: UInt64 = 11
    static let regions = RegionProfile.standard.map(\.name)
    static let topics: [TopicPartition] =
        [TopicName.interactions, TopicName.affinityVectors].flatMap { topic in
            (Int32(0)...1).map { TopicPartition(topic, $0) }
        }
        + [TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.partitionCommands].map {
            TopicPartition($0, 0)
        }

    private static let run = Task { try await record() }

    /// A stand of its own with what was recorded; the run itself is made once.
    static func stand() async throws -> ReplayStand {
        let stand = ReplayStand()
        for (place, records) in try await run.value {
            stand.tamper(place) { $0 = records }
        }
        return stand
    }

    private static func record() async throws -> [TopicPartition: [StoredRecord]] {
        var generator = GeneratorConfiguration(seed: seed)
        generator.customers = 150
        generator.days = 10
        generator.launches = [
            RegionalLaunch(home: "us-east", target: "eu-west", onsetDay: 2, fraction: 0.8, rampDays: 2)
        ]
        let events = Array(try Generator(generator))
        let fixture = try PipelineFixture(partitions: regions)
        let end = (events.map(\.time).max() ?? 0) / 3_600_000 * 3_600_000 + 7_200_000
        return try await fixture.run(planning: true) {
            try await fixture.publish(try sent(events, end: end))
            for number in Int32(0)...1 {
                _ = try await fixture.read(TopicName.affinityVectors, partition: number) {
                    $0.last?.text.contains(#""time":\#(end + 60_000)"#) == true
                }
            }
            _ = try await fixture.read(TopicName.partitionTrends) { records in
                records.count { $0.text.contains(#""completeThrough":\#(end)"#) } >= 2
            }
            _ = try await fixture.read(TopicName.partitionCommands) { records in
                records.contains { $0.text.contains("shadow-promotion") }
            }
            var result: [TopicPartition: [StoredRecord]] = [:]
            for place in topics { result[place] = try await fixture.copy(place) }
            return result
        }
    }

    private static func sent(_ events: [TraceEvent], end: EventTime) throws -> [Sent] {
        let map = try PartitionMap(regions)
        let names = PartitionNames(map)
        var plane = SimulatedDataPlane(
            partitions: map.count, options: DataPlaneOptions(seed: 1, window: 3_600_000))
        var records: [Sent] = []
        var samples: [Telemetry] = []
        for event in events {
            let record = TraceRecord(event, line: 1)
            var sent = Sent(key: nil, value: nil)
            sent.partition = Int32(ByteHash.hash(record.key.span.bytes) % 2)
            (sent.key, sent.value) = (record.key, record.value)
            records.append(sent)
            if let place = map.find(event.region) {
                samples += plane.observe(time: event.time, partition: place, write: false)
            }
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
        for number in Int32(0)...1 {
            var sent = Sent(key: nil, value: nil, headers: mark)
            sent.partition = number
            records.append(sent)
        }
        return records + [Sent(key: nil, value: nil, headers: mark, topic: TopicName.partitionTelemetry)]
    }
}

extension PipelineFixture {
    /// All records of a topic partition.
    func copy(_ place: TopicPartition) async throws -> [StoredRecord] {
        let (client, logger) = (client, logger)
        return try await DedicatedThread.run(named: "copy") {
            let consumer = try Consumer(
                client.setting(["group.id": "copy", "fetch.wait.max.ms": "10"]), logger: logger)
            try consumer.assign([place: 0])
            var records: [StoredRecord] = []
            while true {
                let batch = consumer.poll(maximum: 500, timeoutMilliseconds: 50)
                for i in 0..<batch.count {
                    switch batch.event(at: i) {
                    case nil: records.append(StoredRecord(batch.record(at: i)))
                    case .end: return records
                    case .failure(let error): throw error
                    }
                }
            }
        }
    }
}
