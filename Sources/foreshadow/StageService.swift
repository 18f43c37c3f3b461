import Logging
import ServiceLifecycle
import Streams

/// A stage as a service: stops gracefully, and says now and then how it is doing.
struct StageService<P: Processor>: Service {
    private let runner: StageRunner<P>
    private let name: String
    private let logger: Logger
    private let describe: @Sendable ([P.Report]) -> String

    init(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ health: Health, _ logger: Logger,
        describe: @escaping @Sendable ([P.Report]) -> String
    ) {
        let runner = StageRunner(stage, configuration: configuration, logger: logger)
        self.runner = runner
        name = stage.name
        self.logger = logger
        self.describe = describe
        health.add(stage.name) { StageHealth(runner.control) }
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runner.run() }
                group.addTask { await report() }
                // Whichever ends first ends the other: the stage by failing or stopping.
                defer { group.cancelAll() }
                try await group.next()
            }
        } onGracefulShutdown: {
            runner.control.stop()
        }
    }

    /// Every ten seconds, and every second while state is restored.
    private func report() async {
        var seconds = 0
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            seconds += 1
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
