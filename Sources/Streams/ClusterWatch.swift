internal import Foundation
internal import Kafka
internal import Logging
internal import Synchronization

/// Asks the cluster now and then, on a thread and with clients of its own: whether it answers, and whether the topics
/// are still those that the stage was made for.
final class ClusterWatch<P: Processor>: Sendable {
    private struct State {
        var failure: StageFailure?
        var isStopping = false
    }

    private let stage: PipelineStage<P>
    private let configuration: StreamConfiguration
    private let control: StageControl<P.Report>
    private let taskCount: Int32
    private let logger: Logger
    private let state = Mutex(State())

    /// How often the cluster is asked while the stage makes no progress.
    private static var stuckPause: Duration { .seconds(1) }
    /// A topic must be missing this often in a row: a broker that has just started may not know it yet.
    private static var missesMax: Int { 3 }

    /// Begins to watch.
    init(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration,
        _ control: StageControl<P.Report>, taskCount: Int32, logger: Logger
    ) {
        self.stage = stage
        self.configuration = configuration
        self.control = control
        self.taskCount = taskCount
        self.logger = logger
        Thread.detachNewThread { self.watch() }
    }

    /// What is wrong with the topics, if anything is.
    var failure: StageFailure? { state.withLock { $0.failure } }

    func stop() { state.withLock { $0.isStopping = true } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func watch() {
        let cluster = StageRunner.cluster(stage, configuration, logger)
        var misses = 0
        var last: ContinuousClock.Instant?
        while !isStopping {
            Thread.sleep(forTimeInterval: 0.1)
            let isStuck = control.idle() > .seconds(3)
            let pause = isStuck ? Self.stuckPause : .milliseconds(configuration.topicCheckMilliseconds)
            if let last, ContinuousClock.now - last < pause { continue }
            misses = ask(cluster, misses, alsoForGroup: isStuck)
            last = .now
        }
    }

    /// Answers how often in a row a topic was missing.
    private func ask(_ cluster: KafkaCluster, _ misses: Int, alsoForGroup: Bool) -> Int {
        do {
            let topics = try cluster.topicPartitionCounts()
            // Without its group's coordinator a stage cannot get on, whatever the other brokers answer.
            if alsoForGroup { try askForGroup(cluster) }
            control.clusterAnswers(true)
            try stage.check(topics, taskCount)
            return 0
        } catch StageFailure.missingTopic(let topic) {
            if misses + 1 >= Self.missesMax { state.withLock { $0.failure = .missingTopic(topic) } }
            return misses + 1
        } catch let failure as StageFailure {
            state.withLock { $0.failure = failure }
        } catch {
            control.clusterAnswers(false)
        }
        return misses
    }

    private func askForGroup(_ cluster: KafkaCluster) throws(KafkaError) {
        do throws(KafkaError) {
            _ = try cluster.clients(ofGroup: configuration.groupPrefix + stage.name)
        } catch {
            // That nobody is in the group is an answer too.
            if error.isRetriable { throw error }
        }
    }
}

extension PipelineStage {
    /// Throws what has changed since the stage was made for `taskCount` tasks.
    func check(_ topics: [String: Int32], _ taskCount: Int32) throws(StageFailure) {
        let stateTopics = snapshots.map { [$0.topic] } ?? []
        for name in inputs + coPartitionedOutputs + stateTopics {
            guard let found = topics[name] else { throw .missingTopic(name) }
            if found != taskCount { throw .topicPartitionsChanged(name, from: taskCount, to: found) }
        }
        for name in outputs where topics[name] == nil { throw .missingTopic(name) }
    }
}
