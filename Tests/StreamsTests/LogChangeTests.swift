import Kafka
import Logging
import SimulatedKafka
import Testing

@testable import Streams

/// An offset is a position in one log. What becomes of tasks whose log is another one, or has lost what they lack.
@Suite struct LogChangeTests {
    private let input = TopicPartition("in", 0)

    @Test(arguments: [false, true]) func `the same log is no change, however often its tasks are taken over`(
        hasSnapshots: Bool
    ) throws {
        let cluster = Cluster(hasSnapshots: hasSnapshots)
        for round in 0..<3 {
            cluster.append(10, "r\(round)")
            let control = try cluster.run()
            #expect(control.status.lostRecords == 0)
            #expect(control.status.rereadRecords == 0)
        }
        #expect(cluster.outputs == 30)
    }

    @Test(arguments: [5, 10, 30], [false, true])
    func `a topic that was deleted and created again is told, whether the new one is shorter or longer`(
        count: Int, hasSnapshots: Bool
    ) throws {
        let cluster = Cluster(hasSnapshots: hasSnapshots)
        cluster.append(10, "old")
        _ = try cluster.run()
        try cluster.replaceInput()
        cluster.append(count, "new")
        // Kafka forgets what groups have committed of a topic that is deleted; a coordinator that was away does not.
        try cluster.commitAgain(10)
        let failure = #expect(throws: StageFailure.self) { try cluster.run() }
        #expect("\(failure, default: "-")".contains("in[0] is another log than the one read so far"))
    }

    @Test func `if it is to go on, it reads the new log from its beginning, and says how much comes again`()
        throws
    {
        let cluster = Cluster(hasSnapshots: true, policy: .goOn)
        cluster.append(10, "old")
        _ = try cluster.run()
        try cluster.replaceInput()
        cluster.append(30, "new")
        try cluster.commitAgain(10)
        let control = try cluster.run()
        #expect(control.status.rereadRecords == 10)
        #expect(cluster.outputs == 40)
        #expect(cluster.model.committedOffset("counting", input) == 30)
    }

    @Test func `records that were deleted before they were read are told and counted`() throws {
        let cluster = Cluster(hasSnapshots: true)
        cluster.append(10, "read")
        _ = try cluster.run()
        cluster.append(20, "not read")
        try cluster.model.deleteRecords(input, before: 25)
        let failure = #expect(throws: StageFailure.self) { try cluster.run() }
        #expect("\(failure, default: "-")".contains("in[0] has lost 15 records that were not read"))
        cluster.policy = .goOn
        let control = try cluster.run()
        #expect(control.status.lostRecords == 15)
        #expect(cluster.outputs == 15)
    }

    @Test func `without a saved state, what it was made of must still be there`() throws {
        let cluster = Cluster(hasSnapshots: false)
        cluster.append(10, "read")
        _ = try cluster.run()
        try cluster.model.deleteRecords(input, before: 4)
        let failure = #expect(throws: StageFailure.self) { try cluster.run() }
        #expect("\(failure, default: "-")".contains("has lost 4 records that the saved state lacks"))
    }

    @Test func `a log that did not begin at 0 when it was first read is whole`() throws {
        let cluster = Cluster(hasSnapshots: false)
        cluster.append(10, "before")
        try cluster.model.deleteRecords(input, before: 10)
        cluster.append(10, "read")
        _ = try cluster.run()
        cluster.append(1, "more")
        _ = try cluster.run()
        #expect(cluster.outputs == 11)
    }

    @Test func `a record that retention or compaction took is no sign of another log`() throws {
        let cluster = Cluster(hasSnapshots: true)
        cluster.append(10, "read")
        _ = try cluster.run()
        cluster.append(5, "not read")
        try cluster.model.deleteRecords(input, before: 10)
        _ = try cluster.run()
        #expect(cluster.outputs == 15)
    }

    @Test func `a log that is replaced under a running worker is noticed by the next one`() throws {
        let cluster = Cluster(hasSnapshots: true)
        cluster.append(10, "old")
        let worker = try cluster.worker(StageControl())
        for _ in 0..<40 { try worker.step() }
        try cluster.replaceInput()
        cluster.append(3, "new")
        let failure = #expect(throws: KafkaError.self) { for _ in 0..<40 { try worker.step() } }
        #expect(failure?.isOffsetOutOfRange == true)
        worker.close(leavesGroup: false)
        #expect(throws: StageFailure.self) { try cluster.run() }
    }

    @Test func `more topic partitions than tasks end the stage with both numbers`() throws {
        let cluster = Cluster(hasSnapshots: true)
        cluster.append(10, "read")
        _ = try cluster.run()
        try cluster.model.addTopicPartitions(to: "in", count: 3)
        #expect(throws: StageFailure.topicPartitionsChanged("in", from: 1, to: 3)) { try cluster.run() }
        #expect(throws: StageFailure.topicPartitionsChanged("in", from: 1, to: 3)) {
            try cluster.stage.check(cluster.model.topicPartitionCounts, 1)
        }
    }

    @Test func `a state that was saved for another number of tasks is refused`() throws {
        let cluster = Cluster(hasSnapshots: true)
        cluster.append(10, "read")
        _ = try cluster.run()
        for topic in ["in", "out", "snapshots"] {
            try cluster.model.addTopicPartitions(to: topic, count: 2)
        }
        #expect(throws: StageFailure.topicPartitionsChanged("in", from: 1, to: 2)) {
            try cluster.run(tasks: 2)
        }
    }

    @Test func `a mark is read as it was written, and others are none`() {
        let fingerprint = RecordFingerprint(timestamp: -1, checksum: .max)
        for mark in [
            LogMark(origin: 7), LogMark(origin: 0, last: .init(offset: 9, fingerprint: fingerprint)),
        ] {
            #expect(LogMark(mark.text) == mark)
        }
        for text in ["", "1", "2,7", "1,x", "1,7,8", "somebody's own"] { #expect(LogMark(text) == nil) }
    }

    /// A simulated cluster with one task, and workers on it.
    private final class Cluster {
        let model = ClusterModel()
        let stage: PipelineStage<Counting>
        var policy: StreamConfiguration.LogChangePolicy

        init(hasSnapshots: Bool, policy: StreamConfiguration.LogChangePolicy = .stop) {
            self.policy = policy
            var stage = Counting.stage()
            if hasSnapshots {
                stage.snapshots = SnapshotTopic(topic: "snapshots", fingerprint: 1, everyCommit: true)
            }
            self.stage = stage
            for topic in ["in", "out", "snapshots"] { model.createTopic(topic, topicPartitions: 1) }
        }

        func append(_ count: Int, _ name: String) {
            for number in 0..<count {
                model.append(TopicPartition("in", 0), key: nil, value: Array("\(name) \(number)".utf8))
            }
        }

        func replaceInput() throws {
            try model.deleteTopic("in")
            model.createTopic("in", topicPartitions: 1)
        }

        /// The group's offset, with what was kept beside it, as it was before the topic was deleted.
        func commitAgain(_ offset: Int64) throws {
            if model.committedOffset("counting", TopicPartition("in", 0)) == nil, stage.snapshots == nil {
                let last = LogMark.Last(
                    offset: offset - 1, fingerprint: RecordFingerprint(timestamp: 1, checksum: 1))
                let mark = LogMark(origin: 0, last: last)
                try model.commitOffsets(
                    [TopicPartition("in", 0): CommittedOffset(offset, metadata: mark.text)], group: "counting"
                )
            }
        }

        var outputs: Int { model.committedRecords(TopicPartition("out", 0)).count }

        func worker(_ control: StageControl<Int>, tasks: Int32 = 1) throws -> Worker<Counting> {
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            var configuration = StreamConfiguration(
                client: ClientConfiguration(brokers: "none"), instance: "w")
            configuration.groupPrefix = ""
            configuration.commitIntervalMilliseconds = 0
            configuration.onLogChange = policy
            return try Worker(
                stage: stage, configuration: configuration, cluster: SimulatedProcess(model),
                taskCount: tasks,
                control: WorkerControl(control), logger: logger)
        }

        /// Runs a worker until it has had time to process everything.
        @discardableResult
        func run(tasks: Int32 = 1) throws -> StageControl<Int> {
            let control = StageControl<Int>()
            let worker = try worker(control, tasks: tasks)
            defer { worker.close() }
            for _ in 0..<40 { try worker.step() }
            return control
        }
    }
}
