import Kafka
import Synchronization
import UnixSignals

/// Whether somebody asked the replay to stop: Ctrl-C, SIGTERM, or a part of it that failed.
final class ReplayStop: Sendable {
    private let isAsked = Atomic(false)

    var isSet: Bool { isAsked.load(ordering: .acquiring) }

    func set() { isAsked.store(true, ordering: .releasing) }

    /// Runs `body` on a thread of its own; a signal sets the stop meanwhile.
    func runThread<Result: Sendable>(_ body: @Sendable @escaping () throws -> Result) async throws -> Result {
        try await listening { try await DedicatedThread.run(named: "replay", body) }
    }

    /// Runs `body`; a signal sets the stop meanwhile.
    func listening<Result: Sendable>(_ body: @Sendable @escaping () async throws -> Result) async throws
        -> Result
    {
        let listener = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                set()
                Output.endProgress()
                Output.note("stopping: the open transaction is finished first")
            }
        }
        defer { listener.cancel() }
        return try await body()
    }

    /// What a command that was stopped ends with.
    static var failure: CommandFailure {
        .result("stopped before the end; nothing is lost: the same command goes on where this one stopped")
    }
}
