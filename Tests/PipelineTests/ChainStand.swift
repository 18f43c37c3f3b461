import Contracts
import Kafka
import Pipeline

@testable import Streams

/// Updater, trend aggregator and planner without a cluster, one task each: what is given comes out as commands, alerts and
/// dead letters at once.
struct ChainStand {
    static let names = ["us-east", "us-west", "eu-west", "eu-central", "sa-east"]

    private let updaterStage: PipelineStage<UpdaterProcessor>
    private let trendsStage: PipelineStage<TrendsProcessor>
    private let plannerStage: PipelineStage<PlannerProcessor>
    private var updater: UpdaterProcessor
    private var trends: TrendsProcessor
    private var planner: PlannerProcessor
    private let partitions: PartitionMap
    private(set) var commands: [ShadowCommand] = []
    private(set) var alerts: [Alert] = []
    /// Reasons and details of the dead letters.
    private(set) var dead: [(reason: String, detail: String)] = []
    private var offset: Int64 = 0

    init(_ configuration: PipelineConfiguration) throws {
        partitions = try PartitionMap(Self.names)
        updaterStage = UpdaterProcessor.stage(configuration, partitions)
        trendsStage = TrendsProcessor.stage(configuration, partitions)
        plannerStage = PlannerProcessor.stage(configuration, partitions)
        let place = TaskPlace(number: 0, count: 1)
        updater = updaterStage.make(place)
        trends = trendsStage.make(place)
        planner = plannerStage.make(place)
    }

    var updaterReport: UpdaterProcessor.Report { updater.report }
    var plannerReport: PlannerProcessor.Report { planner.report }

    mutating func interaction(
        _ customer: String, region: Int, time: EventTime, appended: EventTime?
    ) throws {
        let value =
            #"{"id":"\#(offset)","customer":"\#(customer)","time":\#(time),"kind":"browse","region":"\#(Self.names[region])"}"#
        try interactions(
            record(TopicName.interactions, Array(customer.utf8), Array(value.utf8), [], appended))
    }

    mutating func telemetry(_ sample: Telemetry, appended: EventTime?) throws {
        var writer = JSONWriter()
        sample.encode(names: PartitionNames(partitions), into: &writer)
        try planning(record(TopicName.partitionTelemetry, nil, writer.bytes, [], appended), input: 1)
    }

    /// An order, as the planner copies it.
    mutating func order(_ order: ShadowOrder, appended: EventTime?) throws {
        var writer = JSONWriter()
        order.encode(names: PartitionNames(partitions), into: &writer)
        let headers = [
            Header(CopiedRecord.headerName, TopicName.shadowOrders),
            Header(CopiedRecord.offsetHeaderName, String(offset)),
        ]
        let key = Array(order.shadow(partitions).utf8)
        try planning(
            record(TopicName.partitionTelemetry, key, writer.bytes, headers, appended), input: 1)
    }

    /// A profile, as the updater copies it.
    mutating func profile(_ customer: String, home: Int, appended: EventTime?) throws {
        let headers = [Header(CopiedRecord.headerName, TopicName.customers)]
        let value = #"{"home":"\#(Self.names[home])"}"#
        try interactions(
            record(TopicName.interactions, Array(customer.utf8), Array(value.utf8), headers, appended))
    }

    /// A mark with that header in `interactions`, or in the telemetry.
    mutating func mark(_ text: String, inTelemetry: Bool, appended: EventTime?) throws {
        let headers = [Header(Mark.headerName, text)]
        let topic = inTelemetry ? TopicName.partitionTelemetry : TopicName.interactions
        let mark = record(topic, nil, nil, headers, appended)
        if inTelemetry { try planning(mark, input: 1) } else { try interactions(mark) }
    }

    private mutating func record(
        _ topic: String, _ key: [UInt8]?, _ value: [UInt8]?, _ headers: [Header], _ appended: EventTime?
    ) -> StoredRecord {
        offset += 1
        return StoredRecord(
            place: TopicPartition(topic, 0), offset: offset, timestamp: appended, key: key, value: value,
            headers: headers)
    }

    private mutating func interactions(_ record: StoredRecord) throws {
        for made in try Self.process(record, by: &updater, input: 0, updaterStage.outputs) {
            if made.place.topic == TopicName.affinityVectors { try vector(made) } else { note(made) }
        }
    }

    private mutating func vector(_ record: StoredRecord) throws {
        for made in try Self.process(record, by: &trends, input: 0, trendsStage.outputs) {
            try planning(made, input: 0)
        }
    }

    private mutating func planning(_ record: StoredRecord, input: Int) throws {
        for made in try Self.process(record, by: &planner, input: input, plannerStage.outputs) {
            note(made)
            guard let value = made.value else { continue }
            switch made.place.topic {
            case TopicName.partitionCommands:
                commands.append(try ShadowCommand(decoding: value.span.bytes, partitions: partitions))
            case TopicName.alerts: alerts.append(try Alert(decoding: value.span.bytes))
            default: break
            }
        }
    }

    private mutating func note(_ made: StoredRecord) {
        guard made.place.topic == TopicName.deadLetters else { return }
        func text(_ name: String) -> String {
            let value = made.headers.last { $0.name == name }?.value ?? []
            return String(decoding: value, as: UTF8.self)
        }
        dead.append((text(DeadLetterHeader.reason), text(DeadLetterHeader.detail)))
    }

    private static func process<P: Processor>(
        _ record: StoredRecord, by processor: inout P, input: Int, _ topics: [String]
    ) throws -> [StoredRecord] {
        var outputs = Outputs(topics: topics)
        let batch = MessageBatch([.record(record)], topics: [StoredTopic(record.place.topic)])
        processor.process(batch.record(at: 0), input: input, outputs: &outputs)
        var made: [StoredRecord] = []
        try outputs.buffer.forEach(names: topics.map { StoredTopic($0) }, timestamp: nil) {
            (_, record) throws(KafkaError) in made.append(StoredRecord(record))
        }
        return made
    }
}
