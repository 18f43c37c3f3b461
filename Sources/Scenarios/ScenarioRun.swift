public import Contracts
internal import Kafka
public import Pipeline
internal import Trends
public import Workload

/// A scenario played through the whole pipeline in this process: generated interactions, the telemetry that a data
/// plane sends for them, vectors, trends, commands. The same scenario and seed give the same commands.
public struct ScenarioRun: Sendable {
    /// What is played.
    public var scenario: Scenario
    /// Everything random depends on this alone.
    public var seed: UInt64
    /// How many customers there are.
    public var customers: Int
    /// What the pipeline goes by.
    public var pipeline: PipelineConfiguration
    /// Hours that a copy takes: the target's replica lag is high from provisioning on.
    public var copyHours: Int64
    /// How long the target fails, from the second step of the first ramp on.
    public var outageHours: Int64 = 6

    /// A run under the default configuration, whose copies take four hours.
    public init(_ scenario: Scenario, seed: UInt64, customers: Int = 3_000, copyHours: Int64 = 4) {
        self.scenario = scenario
        self.seed = seed
        self.customers = customers
        self.copyHours = copyHours
        pipeline = PipelineConfiguration()
        pipeline.planner.populateWindows = Int(copyHours)
    }

    /// What came of a run.
    public struct Outcome: Sendable {
        /// The commands, in order.
        public var commands: [ReplayedCommand]
        /// When each shadow was populated, at the ends of windows: as often as it was.
        public var populated: [String: [EventTime]]
        /// When the target of the first ramp began to fail, and which shadow's that was.
        public var outage: (shadow: String, from: EventTime)?
        /// What is true.
        public var truth: GroundTruth
        /// The share that activates, in thousandths.
        public var thresholdMilli: Int64
    }

    private static let taskCount: Int32 = 4

    /// Plays it. Throws if there can be no such workload.
    public func play() throws(GeneratorConfiguration.Failure) -> Outcome {
        let outcome = try play(outage: nil)
        guard scenario.hasOutage,
            let step = outcome.commands.filter({ $0.type == CommandType.readRoutingShift.rawValue })
                .dropFirst()
                .first
        else { return outcome }
        // The same again, but for what the target does from that step on.
        return try play(outage: (step.shadow, step.windowEnd))
    }

    private func play(
        outage: (shadow: String, from: EventTime)?
    ) throws(GeneratorConfiguration.Failure) -> Outcome {
        let generator = try Generator(scenario.configuration(seed: seed, customers: customers))
        let names = generator.configuration.regions.map(\.name)
        guard let partitions = try? PartitionMap(names) else { preconditionFailure("regions are checked") }
        let window = pipeline.planner.windowMillis
        var options = DataPlaneOptions(seed: seed, window: window)
        if let outage, let target = outage.shadow.split(separator: ">").last.map(String.init),
            let place = partitions.find(target)
        {
            options.outages = [
                .init(partition: place, from: outage.from, to: outage.from + outageHours * 3_600_000)
            ]
        }
        var dataPlane = SimulatedDataPlane(partitions: names.count, options: options)
        var feed = ScenarioFeed(
            pipeline, partitions, taskCount: Self.taskCount, copyMillis: copyHours * 3_600_000)
        for event in generator {
            if let place = partitions.find(event.region) {
                for sample in dataPlane.observe(
                    time: event.time, partition: place, write: event.op == "write")
                {
                    feed.take(sample)
                }
            }
            feed.take(event)
        }
        for sample in dataPlane.finish() { feed.take(sample) }
        feed.end(at: generator.configuration.end + 2 * window)
        return Outcome(
            commands: feed.replay.commands, populated: feed.populated, outage: outage, truth: generator.truth,
            thresholdMilli: pipeline.planner.activate.shareMilli)
    }
}

/// Feeds the pipeline, and watches which copies are being made and which are there.
private struct ScenarioFeed {
    let replay: PipelineReplay
    private(set) var populated: [String: [EventTime]] = [:]

    private let partitions: PartitionMap
    private let names: PartitionNames
    private let taskCount: Int32
    private let copyMillis: Int64
    private var offsets: [Int64]
    private var telemetryOffset: Int64 = 0
    private var writer = JSONWriter()
    private var seenCommands = 0
    /// When records are published: at the latest time of all.
    private var now: EventTime = 0
    /// Until when each partition makes a copy.
    private var copying: [PartitionIndex: EventTime] = [:]

    init(_ pipeline: PipelineConfiguration, _ partitions: PartitionMap, taskCount: Int32, copyMillis: Int64) {
        replay = PipelineReplay(pipeline, partitions, taskCount: taskCount)
        self.partitions = partitions
        names = PartitionNames(partitions)
        self.taskCount = taskCount
        self.copyMillis = copyMillis
        offsets = Array(repeating: 0, count: Int(taskCount))
    }

    mutating func take(_ event: TraceEvent) {
        var value: [UInt8] = []
        event.encode(into: &value)
        now = max(now, event.time)
        let key = Array(event.customer.utf8)
        let number = Int32(truncatingIfNeeded: ByteHash.hash(key.span.bytes) % UInt64(taskCount))
        hand(.interactions, number, key: key, value: value, headers: [])
        watch()
    }

    mutating func take(_ sample: Telemetry) {
        var sample = sample
        if let end = copying[sample.partition], sample.time <= end {
            sample.replicaLagMillis = max(sample.replicaLagMillis, end - sample.time + 60_000)
        }
        writer.removeAll()
        sample.encode(names: names, into: &writer)
        hand(
            .telemetry, 0, key: Array(partitions.names[Int(sample.partition)].utf8), value: writer.bytes,
            headers: [])
        watch()
        look()
    }

    /// No command says that a copy is there.
    private mutating func look() {
        for shadow in replay.shadows where shadow.phase == .populated {
            let name = partitions.names[Int(shadow.source)] + ">" + partitions.names[Int(shadow.target)]
            if populated[name]?.last != shadow.since { populated[name, default: []].append(shadow.since) }
        }
    }

    mutating func end(at time: EventTime) {
        now = max(now, time)
        let mark = [Header(Mark.headerName, Mark.completeThrough(time + 60_000).text)]
        hand(.telemetry, 0, key: nil, value: nil, headers: mark)
        for number in 0..<taskCount { hand(.interactions, number, key: nil, value: nil, headers: mark) }
        look()
    }

    /// Data planes follow commands: a copy is begun when it is asked for.
    private mutating func watch() {
        guard replay.commands.count > seenCommands else { return }
        for command in replay.commands[seenCommands...] {
            guard command.type == CommandType.provision.rawValue,
                let target = command.shadow.split(separator: ">").last.flatMap({ partitions.find(String($0)) }
                )
            else { continue }
            copying[target] = max(copying[target] ?? .min, command.windowEnd + copyMillis)
        }
        seenCommands = replay.commands.count
    }

    private mutating func hand(
        _ input: PipelineReplay.Input, _ number: Int32, key: [UInt8]?, value: [UInt8]?, headers: [Header]
    ) {
        let topic = input == .interactions ? TopicName.interactions : TopicName.partitionTelemetry
        let offset = input == .interactions ? offsets[Int(number)] : telemetryOffset
        if input == .interactions { offsets[Int(number)] += 1 } else { telemetryOffset += 1 }
        let record = StoredRecord(
            place: TopicPartition(topic, number), offset: offset, timestamp: now, key: key, value: value,
            headers: headers)
        let batch = MessageBatch([.record(record)], topics: [StoredTopic(topic)])
        replay.apply(batch.record(at: 0), from: input)
    }
}
