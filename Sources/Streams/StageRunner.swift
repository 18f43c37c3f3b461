internal import Kafka
public import Logging

/// Keeps a stage running: makes its worker on a thread of its own, and another one when it fails or hangs.
public struct StageRunner<P: Processor>: Sendable {
    /// Told to stop and asked for progress through this.
    public let control = StageControl<P.Report>()
    private let stage: PipelineStage<P>
    private let configuration: StreamConfiguration
    private let logger: Logger

    /// Prepares a stage; nothing runs yet.
    public init(_ stage: PipelineStage<P>, configuration: StreamConfiguration, logger: Logger) {
        self.stage = stage
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs until `control.stop()`. Throws only what trying again cannot mend: a missing topic, a wrong
    /// setting, a missing right, snapshots of another configuration.
    public func run() async throws {
        let (stage, configuration, control, logger) = (stage, configuration, control, logger)
        try await DedicatedThread.run(named: "\(stage.name)-supervisor") {
            let cluster = Self.cluster(stage, configuration, logger)
            guard let taskCount = try Self.checkTopics(stage, cluster, configuration, control, logger) else {
                return
            }
            let standbys = try StandbyFollower.start(
                stage: stage, configuration: configuration, taskCount: taskCount, logger: logger)
            defer { standbys?.stop() }
            let watch = ClusterWatch(stage, configuration, control, taskCount: taskCount, logger: logger)
            defer { watch.stop() }
            try StageSupervisor(
                stage: stage, configuration: configuration, taskCount: taskCount, cluster: cluster,
                control: control, standbys: standbys, watch: watch, logger: logger
            ).run()
            control.update { $0.phase = .stopped }
        }
    }

    static func cluster(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ logger: Logger
    ) -> KafkaCluster {
        let session = configuration.sessionTimeoutMilliseconds
        let timeouts = [
            "session.timeout.ms": String(session),
            "heartbeat.interval.ms": String(max(1, min(3_000, session / 3))),
        ]
        return KafkaCluster(
            configuration.client,
            consumerSettings: timeouts.merging(configuration.consumerSettings) { $1 },
            producerSettings: ["transaction.timeout.ms": String(configuration.transactionTimeoutMilliseconds)]
                .merging(configuration.producerSettings) { $1 }, logger: logger)
    }

    /// All inputs, snapshots and co-partitioned outputs must exist with the same number of topic partitions.
    /// Waits for a cluster that is not there; nil if told to stop meanwhile.
    private static func checkTopics(
        _ stage: PipelineStage<P>, _ cluster: KafkaCluster, _ configuration: StreamConfiguration,
        _ control: StageControl<P.Report>, _ logger: Logger
    ) throws -> Int32? {
        var backoff = Backoff(limitMilliseconds: configuration.restartBackoffMilliseconds)
        while !control.isStopping {
            let topics: [String: Int32]
            do throws(KafkaError) {
                topics = try cluster.topicPartitionCounts()
            } catch {
                if error.isPermanent || !error.isRetriable { throw error }
                control.clusterAnswers(false)
                logger.warning("the cluster does not answer, trying again: \(error)")
                backoff.wait(cluster) {
                    control.turn()
                    return control.isStopping
                }
                continue
            }
            return try stage.taskCount(topics)
        }
        return nil
    }
}

extension PipelineStage {
    /// How many tasks there are: inputs, snapshots and co-partitioned outputs must exist with the same number
    /// of topic partitions.
    func taskCount(_ topics: [String: Int32]) throws(StageFailure) -> Int32 {
        var count: Int32?
        let stateTopics = snapshots.map { [$0.topic] } ?? []
        for name in inputs + coPartitionedOutputs + stateTopics {
            guard let found = topics[name] else { throw .missingTopic(name) }
            if let count, count != found { throw .notCoPartitioned(name, found, inputs[0], count) }
            count = found
        }
        for name in outputs where topics[name] == nil { throw .missingTopic(name) }
        return count ?? 0
    }
}
