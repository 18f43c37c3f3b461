import Foundation
import ServiceLifecycle
import Streams
import Synchronization

/// How one stage is doing, as the status file says it.
struct StageHealth: Codable, Equatable {
    var phase: String
    var ready: Bool
    var tasks: Int
    /// Entries of state read from snapshots, and records still to be folded.
    var restoredEntries: Int
    var restoring: Int64
    var commits: Int
    var restarts: Int
    var standbys: Int
    /// Workers that were left behind, because they hung or made no progress.
    var replacements: Int
    /// Input records that were gone before they were read, and those read again because their log was replaced.
    var lostRecords: Int64
    var rereadRecords: Int64
    /// Since the worker last went round its loop.
    var silentMilliseconds: Int
    /// Since the stage made progress, if the cluster answers; 0 while it has nothing to do.
    var stuckMilliseconds: Int
    /// Whether the stage gets on, or cannot because the cluster does not answer.
    var live: Bool

    init<Report: Sendable>(_ control: StageControl<Report>, liveTimeoutMilliseconds: Int) {
        let status = control.status
        phase = status.phase.rawValue
        ready = status.isReady
        tasks = status.reports.count
        restoredEntries = status.restoredEntries
        restoring = status.restoring
        commits = status.commits
        restarts = status.restarts
        standbys = status.standbys
        replacements = status.replacements
        lostRecords = status.lostRecords
        rereadRecords = status.rereadRecords
        silentMilliseconds = Int((ContinuousClock.now - control.lastAlive) / .milliseconds(1))
        stuckMilliseconds = Int(control.stuck() / .milliseconds(1))
        live = stuckMilliseconds < liveTimeoutMilliseconds && silentMilliseconds < liveTimeoutMilliseconds
    }
}

/// How a process is doing: the status file's content.
struct ProcessHealth: Codable, Equatable {
    var processIdentifier: Int32
    /// Epoch milliseconds.
    var writtenAt: Int64
    var stages: [String: StageHealth]

    /// Whether every stage gets on, as far as the cluster lets it.
    var isLive: Bool { stages.values.allSatisfy(\.live) }

    /// Whether every stage does its work.
    var isReady: Bool { !stages.isEmpty && stages.values.allSatisfy(\.ready) }
}

/// Knows how the stages of this process are doing.
final class Health: Sendable {
    private let stages = Mutex<[(name: String, ask: @Sendable () -> StageHealth)]>([])

    func add(_ name: String, _ ask: @escaping @Sendable () -> StageHealth) {
        stages.withLock { $0.append((name, ask)) }
    }

    var now: ProcessHealth {
        let answers = stages.withLock { $0 }.map { ($0.name, $0.ask()) }
        return ProcessHealth(
            processIdentifier: ProcessInfo.processInfo.processIdentifier,
            writtenAt: Int64(Date().timeIntervalSince1970 * 1_000),
            stages: Dictionary(answers) { first, _ in first })
    }
}

/// Writes a process's health to a file every second, whole or not at all, and removes it at the end.
struct StatusFile: Service {
    let path: String
    let health: Health

    func run() async throws {
        let url = URL(fileURLWithPath: path)
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try JSONEncoder().encode(health.now).write(to: url, options: .atomic)
                } catch {
                    throw CommandFailure.input("cannot write the status file '\(path)': \(error)")
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        try? FileManager.default.removeItem(at: url)
    }
}
