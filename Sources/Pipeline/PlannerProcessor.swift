public import Contracts
public import Kafka
public import Streams
public import Trends

/// The planner: trends, telemetry and operators' orders in, commands out. One task, so that one planner sees
/// everything.
///
/// Orders are copied into the telemetry's log before anybody acts on them: their place there says into which
/// window they count, in every replay too.
public struct PlannerProcessor: Processor {
    /// What the planner has done.
    public struct Report: Sendable {
        /// All windows that end at or before this have been planned.
        public var plannedThrough: EventTime?
        /// The shadows there are or were.
        public var shadows: [ShadowState] = []
        /// Commands put out.
        public var commands: Int64 = 0
        /// Telemetry records and orders sent to the dead letters.
        public var deadLetters: Int64 = 0
        /// Records that wait for other sources to reach their window.
        public var waiting = 0

        /// Nothing done yet.
        public init() {}
    }

    private static let trends = 0
    private static let telemetry = 1
    private static let orders = 2
    private static let commands = 0
    private static let deadLetters = 1

    /// The stage.
    public static func stage(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap,
        _ topics: PipelineTopics = PipelineTopics()
    ) -> PipelineStage<PlannerProcessor> {
        // Thresholds may change without a word; what state is made of may not.
        let fingerprint = Fingerprint.of(configuration.planner.windowMillis, partitions.names)
        let inputs = [TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.shadowOrders]
            .map(topics.name)
        return PipelineStage(
            name: topics.plannerStage, inputs: topics.leads ? inputs : inputs.dropLast(),
            outputs: [TopicName.partitionCommands, TopicName.deadLetters].map(topics.name),
            idleMark: topics.leads
                ? .init(input: telemetry, header: Header(Mark.headerName, Mark.idle.text)) : nil,
            relay: topics.leads
                ? .init(
                    input: orders, target: telemetry,
                    header: Header(CopiedRecord.headerName, TopicName.shadowOrders)) : nil,
            // The order between trends and telemetry around an idle spell stands in no log: so nothing is ever
            // folded again.
            snapshots: .init(
                topic: topics.name(TopicName.plannerSnapshots), fingerprint: fingerprint, everyCommit: true)
        ) { _ in PlannerProcessor(configuration, partitions) }
    }

    let partitions: PartitionMap
    private let names: PartitionNames
    var planner: Planner
    var waitingOrders = WaitingOrders()
    private var writer = JSONWriter()
    private var counts = Report()

    /// Whether telemetry is idle, as far as was logged.
    public private(set) var isIdle = false

    init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap) {
        self.partitions = partitions
        names = PartitionNames(partitions)
        planner = Planner(configuration: configuration.planner, partitions: partitions.count)
    }

    /// What the planner has done so far.
    public var report: Report {
        var report = counts
        report.plannedThrough = planner.plannedThrough
        report.shadows = planner.shadows
        report.waiting = planner.waiting
        return report
    }

    /// The flows that changed.
    public var changedEntries: Int { planner.changedFlows }

    /// Saves the flows that changed, then the rest.
    public mutating func save(into snapshot: inout SnapshotWriter) {
        planner.takeChanges { snapshot.put(entry: $0, state: $1) }
        var state = StateWriter()
        state.write(isIdle)
        state.write(counts.commands)
        state.write(counts.deadLetters)
        var rest = StateWriter()
        planner.encodeShared(into: &rest)
        state.write(rest.bytes.span.bytes)
        waitingOrders.encode(into: &state)
        snapshot.put(shared: state.bytes.span.bytes)
    }

    /// Takes a flow over.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {
        guard let state else { return }
        do throws(StateFailure) {
            try planner.restore(flow: key, state: state)
        } catch {
            throw SnapshotFailure(error)
        }
    }

    /// Takes over the rest.
    public mutating func restore(shared state: RawSpan) throws(SnapshotFailure) {
        do throws(StateFailure) {
            var reader = StateReader(state)
            isIdle = try reader.read()
            counts.commands = try reader.read()
            counts.deadLetters = try reader.read()
            let rest = try reader.readBytes()
            let orders = try WaitingOrders(&reader)
            try reader.finish()
            try planner.restoreShared(rest.span.bytes)
            waitingOrders = orders
        } catch {
            throw SnapshotFailure(error)
        }
    }

    /// Applies a trend record, telemetry, a mark or a copy of an order.
    public mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        var commands: [ShadowCommand] = []
        let origin = input == Self.telemetry ? OrderOrigin(record) : nil
        do throws(Rejection) {
            if input == Self.trends {
                guard let value = record.value else { return }
                planner.receive(try TrendRecord(decoding: value, partitions: partitions)) {
                    commands.append($0)
                }
            } else if let origin {
                try receive(record, from: origin) { commands.append($0) }
            } else {
                try telemetry(record, &commands)
            }
        } catch {
            reject(record, error, input, origin, &outputs)
        }
        for command in commands { put(command, &outputs) }
        for refused in takeRefused() { put(refused, &outputs) }
    }

    private mutating func telemetry(
        _ record: borrowing Record, _ commands: inout [ShadowCommand]
    ) throws(Rejection) {
        if let value = record.value {
            let sample = try Telemetry(decoding: value, partitions: partitions)
            isIdle = false
            planner.receive(sample) { commands.append($0) }
        } else if let mark = Mark(record.headers()) {
            switch mark {
            case .idle:
                isIdle = true
                planner.telemetryMark(completeThrough: nil, idle: true) { commands.append($0) }
            case .completeThrough(let time):
                planner.telemetryMark(completeThrough: time, idle: false) { commands.append($0) }
            }
        } else {
            throw Rejection(.noValue, "telemetry needs a value")
        }
    }

    private mutating func put(_ command: ShadowCommand, _ outputs: inout Outputs) {
        counts.commands += 1
        writer.removeAll()
        command.encode(names: names, into: &writer)
        let key = command.shadow(partitions)
        outputs.append(
            topic: Self.commands, partition: 0, key: key.utf8Span.span.bytes, value: writer.bytes.span.bytes)
    }

    private mutating func reject(
        _ record: borrowing Record, _ rejection: Rejection, _ input: Int, _ origin: OrderOrigin?,
        _ outputs: inout Outputs
    ) {
        counts.deadLetters += 1
        if let origin {
            outputs.append(
                topic: Self.deadLetters, partition: -1, key: record.key, value: record.value,
                headers: record.deadLetterHeaders(
                    rejection, topic: TopicName.shadowOrders, offset: origin.offset))
            return
        }
        let topic = input == Self.trends ? TopicName.partitionTrends : TopicName.partitionTelemetry
        outputs.append(
            topic: Self.deadLetters, partition: -1, key: record.key, value: record.value,
            headers: record.deadLetterHeaders(rejection, topic: topic, offset: record.offset))
    }

    private mutating func put(_ refused: RefusedOrder, _ outputs: inout Outputs) {
        counts.deadLetters += 1
        outputs.append(
            topic: Self.deadLetters, partition: -1, key: refused.record.key.span.bytes,
            value: refused.record.value.span.bytes, headers: refused.headers)
    }
}
