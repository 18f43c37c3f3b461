import ArgumentParser
import Foundation

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Ask whether a running pipeline is live and ready: for Kubernetes and the like.",
        discussion: """
            Reads the file that 'foreshadow run --status-file' writes every second. Ready means that every stage \
            does its work: none is joining its group, restoring state or giving topic partitions away. Live \
            means that every stage makes progress or has nothing to do; a cluster that is away does not matter to \
            it, so that a restart is not asked for when it cannot help. A stage that makes none for \
            streams.liveTimeoutMilliseconds although the cluster answers is not live.

              foreshadow run --config foreshadow.yaml --status-file /run/foreshadow.json
              foreshadow probe /run/foreshadow.json            exits 0 if ready, 4 if not
              foreshadow probe /run/foreshadow.json --live     exits 0 if live, 4 if not
            """)

    @Argument(help: "The status file.") var file: String
    @Flag(help: "Ask for liveness instead of readiness.") var live = false
    @Option(help: "A file older than this many seconds is that of a process that is gone.") var maxAge = 10

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandFailure.result("no status file '\(file)': the pipeline is not running")
        }
        let health: ProcessHealth
        do {
            health = try JSONDecoder().decode(ProcessHealth.self, from: data)
        } catch {
            throw CommandFailure.input("'\(file)' is no status file: \(error)")
        }
        let age = Date().timeIntervalSince1970 - Double(health.writtenAt) / 1_000
        if age > Double(maxAge) {
            throw CommandFailure.result("the status file is \(Int(age)) s old: the process is gone or stuck")
        }
        for (name, stage) in health.stages.sorted(by: { $0.key < $1.key }) {
            Output.line(
                "\(name): \(stage.phase), \(stage.tasks) tasks, \(stage.restarts) restarts, "
                    + "\(stage.restoring) records to fold"
                    + (stage.stuckMilliseconds > 1_000
                        ? ", no progress for \(stage.stuckMilliseconds / 1_000) s" : ""))
        }
        if live && !health.isLive {
            let stuck = health.stages.filter { !$0.value.live }.map(\.key).sorted()
            throw CommandFailure.result("not live: \(stuck.joined(separator: ", ")) makes no progress")
        }
        if !live && !health.isReady {
            let waiting = health.stages.filter { !$0.value.ready }.map(\.key).sorted()
            throw CommandFailure.result("not ready: \(waiting.joined(separator: ", "))")
        }
    }
}
