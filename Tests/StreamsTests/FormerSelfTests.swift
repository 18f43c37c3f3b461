import Kafka
import Logging
import SimulatedKafka
import Streams
import Testing

/// What a process that died in mid-commit left open, and who ends it.
@Suite struct FormerSelfTests {
    private let input = TopicPartition("in", 0)
    private let group = "counting"

    @Test func `a worker that joins has ended what it left open, even if it gets no task`() throws {
        let model = ClusterModel()
        for topic in ["in", "out"] { model.createTopic(topic, topicPartitions: 1) }
        model.append(input, key: nil, value: Array("1".utf8))

        let dying = SimulatedProcess(model)
        dying.faults = { $0.call == .endTransaction(isCommit: true) ? .crashBefore : .none }
        let first = try worker(dying)
        for _ in 0..<20 where !dying.isCrashed { try? first.step() }
        #expect(dying.isCrashed)
        #expect(unstable(model) == [input])

        let second = try worker(SimulatedProcess(model))
        defer { second.close() }
        try second.step()
        #expect(unstable(model) == [])
        #expect(model.committedOffset(group, input) == nil, "what was not committed stays so")
    }

    private func unstable(_ model: ClusterModel) -> Set<TopicPartition> {
        model.committedOffsets(group, [input], requiresStable: true).unstable
    }

    private func worker(_ process: SimulatedProcess) throws -> Worker<Counting> {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = StreamConfiguration(client: ClientConfiguration(brokers: "none"), instance: "b")
        configuration.groupPrefix = ""
        configuration.commitIntervalMilliseconds = 0
        return try Worker(
            stage: Counting.stage(), configuration: configuration, cluster: process, taskCount: 1,
            control: WorkerControl(StageControl()), logger: logger)
    }
}
