internal import Foundation
internal import Synchronization

/// A thread for calls of one client that may never return although they take a time-out: librdkafka's
/// `send_offsets_to_transaction` waits without bound for an answer that an outage has lost.
///
/// One caller at a time. Once a call has overrun, the thread is left behind in it, and the client must not be touched
/// again, nor destroyed.
final class CallThread: Sendable {
    private final class Shared: Sendable {
        struct State {
            // The closure moves to the thread and nobody else keeps it.
            nonisolated(unsafe) var work: (() -> Void)?
            var isOver = false
            var isStuck = false
        }

        let state = Mutex(State())
        let wake = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)

        func serve() {
            while true {
                wake.wait()
                var isOver = false
                nonisolated(unsafe) var work: (() -> Void)?
                state.withLock { state in
                    (work, isOver) = (state.work, state.isOver)
                    state.work = nil
                }
                if isOver { return }
                work?()
                work = nil
                done.signal()
            }
        }
    }

    private let shared = Shared()

    /// Starts the thread.
    init(named name: String) {
        let thread = Thread { [shared] in shared.serve() }
        thread.name = name
        thread.start()
    }

    deinit { end() }

    /// Whether a call has overrun.
    var isStuck: Bool { shared.state.withLock { $0.isStuck } }

    /// Runs `body` on the thread; false if it had not returned after the time.
    func run(timeoutMilliseconds: Int, _ body: @escaping () -> Void) -> Bool {
        if isStuck { return false }
        nonisolated(unsafe) let work = body
        shared.state.withLock { $0.work = work }
        shared.wake.signal()
        if shared.done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success { return true }
        shared.state.withLock { $0.isStuck = true }
        return false
    }

    /// Ends the thread, unless it is stuck.
    func end() {
        shared.state.withLock { $0.isOver = true }
        shared.wake.signal()
    }
}
