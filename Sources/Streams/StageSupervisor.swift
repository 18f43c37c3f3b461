internal import Foundation
internal import Kafka
internal import Logging
internal import Synchronization

/// Makes a stage's workers, one after another: a worker that fails, hangs or makes no progress is replaced.
struct StageSupervisor<P: Processor> {
    /// How a worker's run ended.
    private enum Ending {
        /// It was told to stop and has left.
        case stopped
        case failed(any Error)
        /// It was left behind.
        case abandoned(reason: String)
    }

    let stage: PipelineStage<P>
    let configuration: StreamConfiguration
    let taskCount: Int32
    let cluster: KafkaCluster
    let control: StageControl<P.Report>
    let standbys: StandbyFollower<P>?
    let watch: ClusterWatch<P>
    let logger: Logger

    /// Beyond the last commit, leaving the group and ending the clients may take this long.
    private static var leaveMilliseconds: Int { 2_300 }

    /// Runs workers until the stage is told to stop. Throws what no new worker mends.
    func run() throws {
        var backoff = Backoff(limitMilliseconds: configuration.restartBackoffMilliseconds)
        var replaced = 0
        while !control.isStopping {
            let commits = control.status.commits
            control.began()
            let ending = try runWorker()
            if control.status.commits > commits {
                backoff = Backoff(limitMilliseconds: configuration.restartBackoffMilliseconds)
                replaced = 0
            }
            switch ending {
            case .stopped: return
            case .failed(let error):
                try judge(error)
                control.update {
                    $0.phase = .joining
                    $0.restarts += 1
                }
                logger.error("stage \(stage.name) failed, a new worker takes its place: \(error)")
                try wait(&backoff)
            case .abandoned(let reason):
                if control.isStopping {
                    return logger.warning("stage \(stage.name) is left behind: \(reason)")
                }
                replaced += 1
                control.update {
                    $0.phase = .joining
                    $0.restarts += 1
                    $0.replacements += 1
                }
                logger.error("stage \(stage.name): \(reason); a new worker takes its place")
                if replaced > configuration.replacementsMax { throw StageFailure.stuck(stage.name) }
            }
        }
    }

    /// Throws what no new worker mends.
    private func judge(_ error: any Error) throws {
        guard let error = error as? KafkaError else { throw error }
        if error.isInstanceTaken { throw StageFailure.nameTaken(configuration.instance) }
        // Whether a topic is missing for good is for the watch to say.
        if error.isPermanent && !error.isUnknownTopic { throw error }
    }

    private func wait(_ backoff: inout Backoff) throws {
        backoff.wait(cluster) {
            control.turn()
            return control.isStopping || watch.failure != nil
        }
        if let failure = watch.failure { throw failure }
    }

    private func runWorker() throws -> Ending {
        let workerControl = WorkerControl(control)
        let run = WorkerRun()
        let (stage, configuration, cluster, taskCount) = (stage, configuration, cluster, taskCount)
        let (standbys, logger) = (standbys, logger)
        // The cluster's configuration never changes, and each worker makes clients of its own.
        nonisolated(unsafe) let sharedCluster = cluster
        let thread = Thread {
            run.end(
                Result {
                    let worker = try Worker(
                        stage: stage, configuration: configuration, cluster: sharedCluster,
                        taskCount: taskCount, control: workerControl, standbys: standbys, logger: logger)
                    try worker.run()
                })
        }
        thread.name = stage.name
        thread.stackSize = 4 << 20
        thread.start()
        return try ending(of: run, workerControl)
    }

    private func ending(of run: WorkerRun, _ worker: WorkerControl<P.Report>) throws -> Ending {
        let start = ContinuousClock.now
        var stopDeadline: ContinuousClock.Instant?
        while !run.wait(milliseconds: 20) {
            let now = ContinuousClock.now
            if control.isStopping {
                let patience = configuration.stopTimeoutMilliseconds + Self.leaveMilliseconds
                let deadline = stopDeadline ?? now + .milliseconds(patience)
                stopDeadline = deadline
                if now < deadline { continue }
                worker.abandon()
                return .abandoned(reason: "it did not leave the group in time")
            }
            if let failure = watch.failure {
                worker.abandon()
                _ = run.wait(milliseconds: Self.leaveMilliseconds)
                throw failure
            }
            if let reason = reasonToReplace(now, since: start) {
                worker.abandon()
                // One that only waits notices, and ends its clients itself.
                _ = run.wait(milliseconds: Self.leaveMilliseconds)
                return .abandoned(reason: reason)
            }
        }
        switch run.result {
        case .failure(let error)?: return .failed(error)
        case .success?, nil: return .stopped
        }
    }

    /// Why the worker that runs since `start` is to be replaced, if it is.
    private func reasonToReplace(
        _ now: ContinuousClock.Instant, since start: ContinuousClock.Instant
    ) -> String? {
        let limit = Duration.milliseconds(configuration.replaceAfterMilliseconds)
        let silence = now - control.lastAlive
        if silence > limit { return "its worker has not returned from a call for \(silence.seconds) s" }
        let stuck = min(now - start, control.stuck(at: now))
        // A rebalance waits for whoever died as long as its session lasts.
        if stuck > limit + .milliseconds(configuration.sessionTimeoutMilliseconds) {
            return "no progress for \(stuck.seconds) s although the cluster answers"
        }
        return nil
    }
}

extension Duration {
    /// Whole seconds, for people.
    fileprivate var seconds: Int64 { components.seconds }
}

/// The end of a worker's thread.
private final class WorkerRun: Sendable {
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<Void, any Error>?>(nil)

    func end(_ result: Result<Void, any Error>) {
        outcome.withLock { $0 = result }
        ended.signal()
    }

    /// Whether it has ended by then.
    func wait(milliseconds: Int) -> Bool {
        ended.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    var result: Result<Void, any Error>? { outcome.withLock { $0 } }
}
