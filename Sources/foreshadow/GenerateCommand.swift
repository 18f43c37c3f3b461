import ArgumentParser
import Foundation
import Workload

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a seeded workload with known ground truth.",
        discussion: """
            Customers around the world follow the sun; some travel, some move for good, some stop; three \
            launches make a growing part of a home's customers turn to another region; a few events come twice \
            or late. The same options give the same bytes.

              foreshadow generate --out workload.jsonl --truth truth.json
              foreshadow generate --customers 500 --days 7 | foreshadow publish - --brokers localhost:9092
            """)

    @OptionGroup var workload: WorkloadOptions
    @Option(help: "Write JSON Lines here; - for standard output.") var out = "-"
    @Option(help: "Write the ground truth as JSON here.") var truth: String?
    @Option(help: "Write at most this many events.") var events: Int?

    func run() async throws {
        let generator = try workload.generator()
        if let truth { try Self.write(try truthJSON(generator.truth), to: truth) }
        let file = try Self.open(out)
        var buffer: [UInt8] = []
        for event in generator.prefix(events ?? .max) {
            event.encode(into: &buffer)
            buffer.append(0x0A)
            if buffer.count > 1 << 20 {
                try file.write(contentsOf: buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try file.write(contentsOf: buffer)
    }

    private func truthJSON(_ truth: GroundTruth) throws -> [UInt8] {
        var bytes: [UInt8] = []
        truth.encode(thresholdsMilli: [100, 150, 250, 500], into: &bytes)
        return bytes
    }

    private static func open(_ path: String) throws -> FileHandle {
        if path == "-" { return .standardOutput }
        try write([], to: path)
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw CommandFailure.input("cannot write '\(path)'")
        }
        return file
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        if !FileManager.default.createFile(atPath: path, contents: Data(bytes)) {
            throw CommandFailure.input("cannot write '\(path)'")
        }
    }
}

/// What the generated workload is like.
struct WorkloadOptions: ParsableArguments {
    @Option(help: "Another seed gives another workload.") var seed: UInt64 = 1
    @Option(help: "How many customers.") var customers = 3_000
    @Option(help: "How many days.") var days = 28
    @Option(help: "Mean accesses of a customer in a day.") var perDay = 2.0

    /// The workload, ready to be drawn from.
    func generator() throws -> Generator {
        var configuration = GeneratorConfiguration(seed: seed)
        configuration.customers = customers
        configuration.days = days
        configuration.accessesPerDay = perDay
        do {
            return try Generator(configuration)
        } catch {
            throw CommandFailure.input("no workload of that kind: \(error)")
        }
    }
}
