internal import Foundation

/// Calls into librdkafka that take no time-out and may never return, such as the end of a client whose cluster is
/// away.
enum BoundedCall {
    /// Runs `body` on a thread of its own and waits for it. False if it was still running after the time; its thread
    /// is then left behind, with everything that `body` holds.
    static func run(named name: String, timeoutMilliseconds: Int, _ body: sending @escaping () -> Void)
        -> Bool
    {
        let done = DispatchSemaphore(value: 0)
        // The closure moves to the new thread and nobody else keeps it.
        nonisolated(unsafe) let work = body
        let thread = Thread {
            work()
            done.signal()
        }
        thread.name = name
        thread.start()
        return done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success
    }
}
