import Contracts
import Pipeline
import Workload

@testable import Kafka
@testable import Streams

/// What the pipeline must put out for an input log, worked out without any cluster.
struct PureFold {
    /// The vectors of each topic partition, in order.
    var vectors: [[[UInt8]]]
    /// The commands, in order.
    var commands: [[UInt8]]

    /// Folds the logs of `interactions`, one per topic partition, and of `partition-telemetry`.
    init(_ inputs: [[StoredRecord]], telemetry: [StoredRecord], partitions: PartitionMap) {
        let configuration = PipelineConfiguration()
        var vectors: [[StoredRecord]] = []
        var trends: [StoredRecord] = []
        for (number, input) in inputs.enumerated() {
            let place = TaskPlace(number: Int32(number), count: Int32(inputs.count))
            let updater = Self.fold(UpdaterProcessor.stage(configuration, partitions), place, [input])
            vectors.append(updater.filter { $0.place.topic == TopicName.affinityVectors })
            trends += Self.fold(
                TrendsProcessor.stage(configuration, partitions), place, [vectors[number]])
        }
        let commands = Self.fold(
            PlannerProcessor.stage(configuration, partitions), TaskPlace(number: 0, count: 1),
            [trends, telemetry])
        self.vectors = vectors.map { $0.compactMap(\.value) }
        self.commands = commands.filter { $0.place.topic == TopicName.partitionCommands }.compactMap(\.value)
    }

    private static func fold<P: Processor>(
        _ stage: PipelineStage<P>, _ place: TaskPlace, _ inputs: [[StoredRecord]]
    ) -> [StoredRecord] {
        var processor = stage.make(place)
        var outputs = Outputs(topics: stage.outputs)
        for (input, records) in inputs.enumerated() {
            let batch = MessageBatch(
                records.map { .record($0) }, topics: Set(records.map(\.place.topic)).map { StoredTopic($0) })
            for i in 0..<batch.count {
                processor.process(batch.record(at: i), input: input, outputs: &outputs)
            }
        }
        return outputs.buffer.records()
    }
}

/// A seeded workload, as records of `interactions`.
func workload(seed: UInt64, events count: Int, partitions: [String]) throws -> [[StoredRecord]] {
    var configuration = GeneratorConfiguration(seed: seed)
    configuration.regions = partitions.map { RegionProfile($0, utcOffsetMinutes: 0, weight: 1) }
    configuration.customers = 60
    configuration.launches = []
    var logs = [[StoredRecord]](repeating: [], count: Int(PipelineProcesses.topicPartitions))
    for event in try Generator(configuration).prefix(count) {
        let record = TraceRecord(event, line: 1)
        let number = Int32(ByteHash.hash(record.key.span.bytes) % UInt64(logs.count))
        logs[Int(number)].append(
            StoredRecord(
                place: TopicPartition(TopicName.interactions, number),
                offset: Int64(logs[Int(number)].count), key: record.key, value: record.value))
    }
    return logs
}

extension RecordBuffer {
    /// The records, with offsets as if they were the first of their topic partitions.
    func records() -> [StoredRecord] {
        entries.enumerated().map { number, entry in
            let keyCount = Int(max(0, entry.keyCount))
            let key = entry.keyCount < 0 ? nil : Array(arena[entry.start..<entry.start + keyCount])
            let start = entry.start + keyCount
            let value =
                entry.valueCount < 0 ? nil : Array(arena[start..<start + Int(entry.valueCount)])
            return StoredRecord(
                place: TopicPartition(topics[Int(entry.topic)], entry.partition), offset: Int64(number),
                key: key, value: value, headers: entry.headers < 0 ? [] : headers[Int(entry.headers)])
        }
    }
}
