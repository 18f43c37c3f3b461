internal import Foundation

/// Runs blocking work on a thread of its own.
///
/// Two blocking polls on Swift's cooperative pool of a two-core machine starve everything else, so every loop
/// around a consumer lives on such a thread.
public enum DedicatedThread {
    /// Runs `body` on a new thread and suspends until it returns or throws.
    public static func run<Result: Sendable>(
        named name: String, _ body: sending @escaping () throws -> Result
    ) async throws -> Result {
        // The closure moves to the new thread and nobody else keeps it.
        nonisolated(unsafe) let work = body
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Swift.Result { try work() })
            }
            thread.name = name
            thread.stackSize = 4 << 20
            thread.start()
        }
    }
}
