import Logging
import ServiceLifecycle
import Streams

/// A stage as a service: stops gracefully, and says now and then how it is doing.
struct StageService<P: Processor>: Service {
    private let runner: StageRunner<P>
    private let name: String
    private let deadline: StopDeadline
    private let logger: Logger
    private let describe: @Sendable ([P.Report]) -> String

    init(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ health: Health,
        _ deadline: StopDeadline,
        _ logger: Logger, describe: @escaping @Sendable ([P.Report]) -> String
    ) {
        let runner = StageRunner(stage, configuration: configuration, logger: logger)
        self.runner = runner
        name = stage.name
        self.deadline = deadline
        self.logger = logger
        self.describe = describe
        let limit = configuration.liveTimeoutMilliseconds
        health.add(stage.name) { StageHealth(runner.control, liveTimeoutMilliseconds: limit) }
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await runner.run() } catch {
                        deadline.note(error)
                        throw error
                    }
                }
                group.addTask { await report() }
                // Whichever ends first ends the other: the stage by failing or stopping.
                defer { group.cancelAll() }
                try await group.next()
            }
        } onGracefulShutdown: {
            runner.control.stop()
        }
    }

    /// Once a minute, while it lasts: this is what makes the process not live.
    private func tellIfStuck(_ seconds: Int) {
        let stuck = Int(runner.control.stuck() / .seconds(1))
        guard stuck >= 60, seconds.isMultiple(of: 60) else { return }
        logger.error("\(name) has made no progress for \(stuck) s although the cluster answers")
    }

    /// Every ten seconds, and every second while state is restored.
    private func report() async {
        var seconds = 0
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            seconds += 1
            tellIfStuck(seconds)
            let status = runner.control.status
            if status.phase == .restoring {
                logger.info(
                    """
                    \(name): restoring: \(status.restoredEntries) entries read \
                    (\(Int(status.restoredPerSecond)) a second), \(status.restoring) records to fold
                    """)
            } else if seconds.isMultiple(of: 10) {
                let text = describe(status.reports.sorted { $0.key < $1.key }.map(\.value))
                logger.info(
                    "\(name): \(text)",
                    metadata: [
                        "tasks": "\(status.reports.count)", "phase": "\(status.phase.rawValue)",
                        "commits": "\(status.commits)", "restarts": "\(status.restarts)",
                        "standbys": "\(status.standbys)",
                    ])
            }
        }
    }
}
