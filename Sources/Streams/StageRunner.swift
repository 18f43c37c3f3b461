internal import Kafka
public import Logging

/// Keeps a stage running: makes its worker on a thread of its own, and makes it anew when it fails.
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
    /// setting, a missing right.
    public func run() async throws {
        let (stage, configuration, control, logger) = (stage, configuration, control, logger)
        try await DedicatedThread.run(named: stage.name) {
            let taskCount = try Self.checkTopics(stage, configuration, logger)
            try Self.keepRunning(stage, configuration, taskCount, control, logger)
        }
    }

    private static func keepRunning(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ taskCount: Int32,
        _ control: StageControl<P.Report>, _ logger: Logger
    ) throws {
        var backoff = Backoff(limitMilliseconds: configuration.restartBackoffMilliseconds)
        while !control.isStopping {
            do throws(KafkaError) {
                let worker = try Worker(
                    stage: stage, configuration: configuration, taskCount: taskCount, control: control,
                    logger: logger)
                try worker.run()
            } catch {
                // A fenced or failed worker has dropped its state with itself; the next one restores it.
                if error.isPermanent { throw error }
                control.addRestart()
                logger.error("stage \(stage.name) failed and starts anew: \(error)")
                backoff.wait { control.isStopping }
            }
        }
    }

    /// All inputs and co-partitioned outputs must exist with the same number of topic partitions.
    private static func checkTopics(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ logger: Logger
    ) throws -> Int32 {
        let admin = try Admin(configuration.client, logger: logger)
        let topics = try admin.topics()
        var count: Int32?
        for name in stage.inputs + stage.coPartitionedOutputs {
            guard let topic = topics.first(where: { $0.name == name }) else {
                throw StageFailure.missingTopic(name)
            }
            if let count, count != topic.topicPartitions {
                throw StageFailure.notCoPartitioned(name, topic.topicPartitions, stage.inputs[0], count)
            }
            count = topic.topicPartitions
        }
        for name in stage.outputs where !topics.contains(where: { $0.name == name }) {
            throw StageFailure.missingTopic(name)
        }
        return count ?? 0
    }
}

/// Why a stage cannot run on a cluster as it is.
public enum StageFailure: Error, Equatable, CustomStringConvertible {
    /// The topic does not exist. Create it: `foreshadow topics apply`.
    case missingTopic(String)
    /// Two topics that are read or written side by side have different numbers of topic partitions. Give them
    /// the same.
    case notCoPartitioned(String, Int32, String, Int32)

    /// The reason and the mend, for people.
    public var description: String {
        switch self {
        case .missingTopic(let name):
            "topic '\(name)' does not exist; create the project's topics with 'foreshadow topics apply'"
        case .notCoPartitioned(let name, let count, let other, let expected):
            "topic '\(name)' has \(count) topic partitions, but '\(other)' has \(expected): they must agree"
        }
    }
}
