internal import Dispatch
internal import Synchronization

/// Syncs files beside the event loop, which must not wait for a disk; one lot of them at a time.
final class BackgroundSync: Sendable {
    private struct State {
        var isBusy = false
        var failure: StorageError?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sync")

    /// Why one of them failed.
    var failure: StorageError? { state.withLock { $0.failure } }

    /// Begins with these; false if others are not done yet.
    func start(_ paths: Set<String>) -> Bool {
        let isFree = state.withLock { state in
            if state.isBusy { return false }
            state.isBusy = true
            return true
        }
        if isFree { queue.async { self.run(paths) } }
        return isFree
    }

    /// Waits until all is done that was begun.
    func wait() { queue.sync {} }

    private func run(_ paths: Set<String>) {
        var failure: StorageError?
        for path in paths {
            do throws(StorageError) { try File.sync(path) } catch { failure = failure ?? error }
        }
        state.withLock { state in
            state.isBusy = false
            state.failure = state.failure ?? failure
        }
    }
}
