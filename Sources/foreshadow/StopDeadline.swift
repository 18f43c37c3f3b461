import ArgumentParser
import Foundation
import ServiceLifecycle
import Synchronization

/// Ends the process when stopping takes too long, because a cluster does not answer. Nothing is lost: what was
/// not committed is made again by whoever goes on.
final class StopDeadline: Service {
    /// Less than the five seconds that most supervisors leave.
    static let seconds = 4.8

    private let code = Mutex(CommandFailure.cluster("").exitCode.rawValue)

    /// What the process ends with, if a failure and no signal is why it stops.
    func note(_ failure: any Error) {
        guard let failure = CommandFailure(failure) else { return }
        code.withLock { $0 = failure.exitCode.rawValue }
    }

    func run() async throws {
        try await gracefulShutdown()
        Thread.detachNewThread { [self] in
            Thread.sleep(forTimeInterval: Self.seconds)
            Output.note("foreshadow: stopped without leaving the group: the cluster does not answer")
            exit(code.withLock { $0 })
        }
    }
}
