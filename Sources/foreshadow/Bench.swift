import Affinity
import Contracts
import Foundation
import Kafka
import Pipeline
import Streams
import Workload

/// The job that is measured: its topics, its input, the floor and the updater.
struct Bench: Sendable {
    static let prefix = "bench-"
    static let topics = [
        TopicName.interactions, TopicName.customers, TopicName.affinityVectors, TopicName.modelQuality,
        TopicName.deadLetters, "copy",
    ].map { prefix + $0 }

    let client: ClientConfiguration
    let events: Int
    let topicPartitions: Int32
    /// Whether the updater has a network.
    let hasNetwork: Bool
    /// A topic of its own for the snapshots of each measurement, so that none goes on where another stopped.
    let snapshotTopics: [String]

    /// Names for as many snapshot topics.
    static func snapshotTopics(_ count: Int) -> [String] {
        let id = UUID().uuidString.prefix(8).lowercased()
        return (0..<count).map { "\(prefix)\(TopicName.updaterSnapshots)-\(id)-\($0)" }
    }

    /// Creates what is missing on a named cluster.
    func createTopics() async throws {
        let (client, count, topics) = (client, topicPartitions, Self.topics + snapshotTopics)
        try await DedicatedThread.run(named: "bench") {
            let admin = try Admin(client, logger: CommandLog.logger("bench"))
            let known = try admin.topics().map(\.name)
            for name in topics where !known.contains(name) {
                try admin.createTopic(name, topicPartitions: count, replicas: 1)
            }
        }
    }

    /// Publishes the events: 24 regions, about 190 bytes each. Before them, if there is to be a network, the mark
    /// that switches it on.
    func fill() async throws {
        let client = client
        let model = try hasNetwork ? EngineBench.model(configuration).encoded() : nil
        try await DedicatedThread.run(named: "bench") {
            let topic = Self.prefix + TopicName.interactions
            if let model { _ = try ModelTopics(client, interactions: topic).mark(model) }
            let publisher = try Publisher(
                client, topics: [Self.prefix + TopicName.interactions], logger: CommandLog.logger("bench"))
            for (i, event) in try generated(events).enumerated() {
                try publisher.publish(TraceRecord(event, line: i))
                if i.isMultiple(of: 10_000) { Output.progress("publishing \(i) events") }
            }
            try publisher.finish()
            Output.endProgress()
        }
    }

    /// 24 regions, the standard ones' clocks and names made three times as many.
    var configuration: GeneratorConfiguration { Self.configuration(events: events) }

    private static func configuration(events: Int) -> GeneratorConfiguration {
        var configuration = GeneratorConfiguration(seed: 7)
        configuration.regions = RegionProfile.standard.flatMap { region in
            (1...3).map {
                RegionProfile(
                    "\(region.name)-\($0)", utcOffsetMinutes: region.utcOffsetMinutes, weight: region.weight)
            }
        }
        configuration.customers = max(100, events / 50)
        configuration.accessesPerDay = 2
        return configuration
    }

    /// That many of the generated events.
    func generated(_ count: Int) throws -> some Sequence<TraceEvent> {
        try Generator(Self.configuration(events: max(count, events))).prefix(count)
    }

    /// Events per CPU second of a loop that copies input to output.
    func measureFloor() async throws -> Double {
        let stage = PipelineStage(
            name: "floor", inputs: [Self.prefix + TopicName.interactions], outputs: [Self.prefix + "copy"],
            coPartitionedOutputs: [Self.prefix + "copy"]
        ) { _ in CopyProcessor() }
        return try await measure(stage) { $0.reduce(0, +) }
    }

    /// Events per CPU second of the updater, and per second of the clock.
    func measureUpdater(_ run: Int) async throws -> (perCPUSecond: Double, perSecond: Double) {
        let start = ContinuousClock.now
        let perCPUSecond = try await measure(updaterStage(run)) { $0.totals.records }
        return (perCPUSecond, Double(events) / ((ContinuousClock.now - start) / .seconds(1)))
    }

    /// The updater on the topics of the bench.
    func updaterStage(_ run: Int) throws -> PipelineStage<UpdaterProcessor> {
        let regions = configuration.regions.map(\.name)
        var topics = PipelineTopics()
        topics.inputPrefix = Self.prefix
        topics.outputPrefix = Self.prefix
        var stage = UpdaterProcessor.stage(PipelineConfiguration(), try PartitionMap(regions), topics)
        stage.idleMark = nil
        stage.snapshots?.topic = snapshotTopics[run]
        return stage
    }

    /// What production has by default, but for snapshots: so many that even this short run pays for some.
    func streams() -> StreamConfiguration {
        var streams = StreamConfiguration(client: client, instance: "bench")
        streams.groupPrefix = "bench-\(UUID().uuidString.prefix(8).lowercased())-"
        streams.snapshotRecords = 25_000
        streams.consumerSettings = ["fetch.wait.max.ms": "10"]
        return streams
    }

    private func measure<P: Processor>(_ stage: PipelineStage<P>, count: @Sendable ([P.Report]) -> Int64)
        async throws
        -> Double
    {
        let runner = StageRunner(stage, configuration: streams(), logger: CommandLog.logger("bench"))
        async let running: Void = runner.run()
        let before = Self.cpuSeconds()
        let deadline = ContinuousClock.now + .seconds(600)
        while count(Array(runner.control.status.reports.values)) < Int64(events) {
            if ContinuousClock.now > deadline {
                runner.control.stop()
                throw CommandFailure.result("the stage \(stage.name) did not finish within 600 s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let used = Self.cpuSeconds() - before
        runner.control.stop()
        try await running
        return Double(events) / used
    }

    /// Returns when the stage has caught up with what is there.
    func wait<Report: Sendable>(for control: StageControl<Report>) async throws {
        var last = -1
        while !control.status.isReady || control.status.commits != last {
            last = control.status.commits
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// User and system time of this process, all threads.
    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}

/// The floor: the same bytes out as in.
struct CopyProcessor: Processor {
    private(set) var report: Int64 = 0
    let isIdle = false

    mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        report += 1
        outputs.append(topic: 0, partition: record.partition, key: record.key, value: record.value)
    }
}
