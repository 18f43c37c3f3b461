public import Contracts
public import Kafka
public import Streams
public import Trends

/// The planner: trends, telemetry and operators' orders in; commands, forecasts and alerts out. One task, so that one
/// planner sees everything.
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
        /// Alerts that began or ended.
        public var alerts: Int64 = 0
        /// Telemetry records and orders sent to the dead letters.
        public var deadLetters: Int64 = 0
        /// Telemetry records whose time was so far ahead of all other partitions' that it closed no window.
        public var heldBack: Int64 = 0
        /// Records that wait for other sources to reach their window.
        public var waiting = 0

        /// Nothing done yet.
        public init() {}
    }

    static let trends = 0
    private static let telemetry = 1
    private static let orders = 2

    /// The stage.
    public static func stage(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap,
        _ topics: PipelineTopics = PipelineTopics()
    ) -> PipelineStage<PlannerProcessor> {
        // Thresholds may change without a word; what state is made of may not.
        let fingerprint = Fingerprint.of(configuration.planner.windowMillis, partitions.names)
        let inputs = [TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.shadowOrders]
            .map(topics.name)
        var outputs = [TopicName.partitionCommands, TopicName.deadLetters]
        // Of what does not happen nobody is alarmed.
        if !topics.isDryRun { outputs += [TopicName.alerts, TopicName.partitionForecasts] }
        return PipelineStage(
            name: topics.plannerStage, inputs: topics.leads ? inputs : inputs.dropLast(),
            outputs: outputs.map(topics.name),
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
        ) { _ in PlannerProcessor(configuration, partitions, isDryRun: topics.isDryRun) }
    }

    let partitions: PartitionMap
    let names: PartitionNames
    let isDryRun: Bool
    /// How far the time of telemetry, orders and marks may be after their record's time stamp.
    let eventTime: EventTimeLimit
    var planner: Planner
    var waitingOrders = WaitingOrders()
    /// Nil in a dry run.
    var alerts: PlannerAlerts?
    var writer = JSONWriter()
    var counts = Report()

    /// Whether telemetry is idle, as far as was logged.
    public private(set) var isIdle = false

    init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap, isDryRun: Bool) {
        self.partitions = partitions
        self.isDryRun = isDryRun
        alerts = isDryRun ? nil : PlannerAlerts(configuration, partitions)
        names = PartitionNames(partitions)
        eventTime = configuration.limits.eventTime
        planner = Planner(configuration: configuration.planning, partitions: partitions.count)
    }

    /// What the planner has done so far.
    public var report: Report {
        var report = counts
        report.plannedThrough = planner.plannedThrough
        report.shadows = planner.shadows
        report.waiting = planner.waiting
        report.heldBack = planner.heldBack
        return report
    }

    /// The flows that changed.
    public var changedEntries: Int { planner.changedFlows }

    /// Saves the flows that changed and what alerts go by if that did, then the rest.
    public mutating func save(into snapshot: inout SnapshotWriter) {
        planner.takeChanges { snapshot.put(entry: $0, state: $1) }
        alerts?.save(into: &snapshot)
        var state = StateWriter()
        state.write(isIdle)
        state.write(counts.commands)
        state.write(counts.deadLetters)
        var rest = StateWriter()
        planner.encodeShared(into: &rest)
        state.write(rest.bytes.span.bytes)
        waitingOrders.encode(into: &state)
        state.write(counts.alerts)
        state.write(alerts != nil)
        alerts?.encodeShared(into: &state)
        snapshot.put(shared: state.bytes.span.bytes)
    }

    /// Takes a flow over, or a part of what alerts go by.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {
        guard let state else { return }
        if PlannerAlerts.isPart(key) {
            alerts?.restore(part: key, state: state)
            return
        }
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
            try planner.restoreShared(rest.span.bytes)
            try restoreAlerts(&reader)
            try reader.finish()
            waitingOrders = orders
        } catch {
            throw SnapshotFailure(error)
        }
    }

    private mutating func restoreAlerts(_ reader: inout StateReader) throws(StateFailure) {
        let (shadows, plannedThrough) = (planner.shadows, planner.plannedThrough)
        // Snapshots of before there were alerts end here.
        if reader.isAtEnd {
            alerts?.startAnew(shadows, plannedThrough)
            return
        }
        counts.alerts = try reader.read()
        if try reader.read() {
            try alerts?.restore(&reader, shadows: shadows, plannedThrough: plannedThrough)
        }
    }

    /// Applies a trend record, telemetry, a mark or a copy of an order.
    public mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        var events: [PlannerEvent] = []
        let origin = input == Self.telemetry ? OrderOrigin(record) : nil
        do throws(Rejection) {
            if input == Self.trends {
                guard let value = record.value else { return }
                let trends = try TrendRecord(decoding: value, partitions: partitions)
                planner.take(.trends(trends)) { events.append($0) }
            } else if let origin {
                try receive(record, from: origin) { events.append($0) }
            } else {
                try telemetry(record, &events)
            }
        } catch {
            reject(record, error, input, origin, &outputs)
        }
        for event in events { put(event, &outputs) }
        for refused in takeRefused() { put(refused, &outputs) }
    }

    private mutating func telemetry(
        _ record: borrowing Record, _ events: inout [PlannerEvent]
    ) throws(Rejection) {
        if let value = record.value {
            let sample = try Telemetry(decoding: value, partitions: partitions)
            try eventTime.check(sample.time, published: record.timestamp)
            isIdle = false
            planner.take(.telemetry(sample)) { events.append($0) }
        } else if let mark = Mark(record.headers()) {
            switch mark {
            case .idle:
                isIdle = true
                planner.take(.telemetryMark(completeThrough: nil, idle: true)) { events.append($0) }
            case .completeThrough(let time):
                try check(mark: time, record)
                planner.take(.telemetryMark(completeThrough: time, idle: false)) { events.append($0) }
            }
        } else {
            throw Rejection(.noValue, "telemetry needs a value")
        }
    }

    private func check(mark time: EventTime, _ record: borrowing Record) throws(Rejection) {
        try eventTime.check(time, published: record.timestamp, "the mark")
        if planner.believes(telemetryMark: time) { return }
        throw Rejection(
            .futureTime,
            "the mark \(time) is more than \(ConfirmedClock.markWindows) windows after the newest telemetry, where "
                + "windows up to \(planner.telemetryOpenEnd) are open")
    }
}
