import Foundation

/// `foreshadow broker --data` in a process of its own, at one address however often it is killed.
final class BrokerProcess {
    private let folder: URL
    private let topics: [String]
    private var process = Process()
    private(set) var brokers = ""

    init(topics: [String]) throws {
        self.topics = topics
        folder = FileManager.default.temporaryDirectory.appending(path: "broker-\(UUID().uuidString)")
        try start()
    }

    deinit {
        process.crash()
        try? FileManager.default.removeItem(at: folder)
    }

    func start() throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "foreshadow")
        let port = brokers.split(separator: ":").last.map(String.init) ?? "0"
        process.arguments =
            ["broker", "--port", port, "--data", folder.path] + topics.flatMap { ["--topic", $0] }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        brokers = line.trimmingCharacters(in: .whitespacesAndNewlines)
        if brokers.isEmpty { throw CocoaError(.executableLoad) }
    }

    func crash() { process.crash() }

    /// Stops it without a word to anybody, as if the network to it were cut, or lets it go on.
    func freeze(_ isFrozen: Bool) { kill(process.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }

    func crashAndRestart() throws {
        process.crash()
        try start()
    }

    /// Ends it as a service manager does; answers its status.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -1
    }
}
