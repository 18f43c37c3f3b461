import ArgumentParser
import Foundation
import ServiceLifecycle

/// Ends the process when stopping takes too long, because a cluster does not answer. Nothing is lost: what was
/// not committed is made again by whoever goes on.
struct StopDeadline: Service {
    /// Less than the five seconds that most supervisors leave.
    static let seconds = 4.5

    func run() async throws {
        try await gracefulShutdown()
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: Self.seconds)
            Output.note("foreshadow: stopped without leaving the group: the cluster does not answer")
            exit(CommandFailure.cluster("").exitCode.rawValue)
        }
    }
}
