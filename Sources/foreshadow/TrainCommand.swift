import Affinity
import ArgumentParser
import Evaluation
import Foundation
import Kafka
import Pipeline
import Training

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a recurrent network on a trace or on interactions, into a file.",
        discussion: """
            Lets the affinity engine go through the accesses and trains a network on what the engine made of them. \
            The last tenth of the time span is held out to find after how many epochs the network foresees best; \
            then all of it is trained on for so many. The same input, numbers and seed give the same file.

              foreshadow train --input F.csv.gz --config foreshadow.yaml --out spring.safetensors
              foreshadow train --from-topic --config foreshadow.yaml --out spring.safetensors
              foreshadow train --input F.csv.gz --target region --part 0.5 --out half.safetensors
              foreshadow train ... --checkpoint spring.checkpoint --resume

            The model is for the partitions of the configuration, or, for a trace without one, for the classes of \
            --target, as 'foreshadow evaluate' tells them apart. docs/training.md says how it is trained and what \
            the file holds.
            """)

    @OptionGroup var cluster: ClusterOptions
    @Option(help: "A trace: CSV or JSON Lines, gzip or not, sorted by time; - for standard input.")
    var input: String?
    @Flag(help: "Train on the cluster's interactions, up to their end as of now.") var fromTopic = false
    @Option(help: "The file to write.") var out: String
    @Option(help: "The model's name; else that of the file.") var name: String?
    @Option(help: "With --input and without --config: what the partitions are; region if not given.")
    var target: EvaluateCommand.Target?
    @Option(help: "The first part of the events, 0 to 1, to train on.") var part = 1.0
    @Option(help: "With --from-topic: only what was published from then on, RFC 3339 or epoch milliseconds.")
    var from: ReplayMoment?
    @Option(help: "With --from-topic: only what was published before then.") var until: ReplayMoment?

    @Option(help: "Units of a customer's state: a multiple of 8, to 256.") var units = NetworkShape
        .defaultUnits
    @Option(help: "The most times all accesses are seen.") var epochs = TrainingConfiguration().epochsMax
    @Option(help: "Epochs without a better held-out loss after which no more are tried.")
    var patience = TrainingConfiguration().patience
    @Option(help: "The last part of the time span to hold out; 0 trains for all of --epochs.")
    var heldOut = TrainingConfiguration().heldOutPart
    @Option(help: "Accesses a gradient is followed back.") var window = TrainingConfiguration().window
    @Option(help: "Sequences trained on at once.") var lanes = TrainingConfiguration().lanes
    @Option(help: "Adam's greatest step size.") var learningRate = TrainingConfiguration().rate
    @Option(help: "Part of the units left out at random.") var dropout = TrainingConfiguration().dropout
    @Option(help: "Another seed gives another network.") var seed: UInt64 = TrainingConfiguration().seed
    @Option(help: "Threads, of which at most eight have work; the result does not depend on it. [all cores]")
    var threads: Int?

    @Option(help: "Keep training in this file after each epoch.") var checkpoint: String?
    @Flag(help: "Go on from --checkpoint, if it is there.") var resume = false
    @Option(help: "Write what the network is trained on to this file too (safetensors), for other tools.")
    var export: String?
    @Flag(help: "One JSON object instead of text.") var json = false

    @Option(help: "The most accesses to train on; each takes about a kilobyte at 24 partitions.")
    var maxAccesses = TrainingInput.Extent().accessesMax
    @Option(help: "The most regions, domains and kinds the network knows by name; not with --target.")
    var maxNames = TrainingInput.Extent().namesMax
    @Option(help: "With --target: the most regions told apart; rarer ones are 'other'.")
    var maxRegions = ClassLimits().regions
    @Option(help: "With --target: the most domains told apart.") var maxDomains = ClassLimits().domains
    @Option(help: "With --target: the most pairs told apart.") var maxPairs = ClassLimits().pairs

    func validate() throws {
        if (input != nil) == fromTopic { throw ValidationError("give either --input or --from-topic") }
        if target != nil, fromTopic || cluster.config != nil {
            throw ValidationError(
                "--target needs --input without --config: a configuration has its partitions")
        }
        if !fromTopic, from != nil || until != nil {
            throw ValidationError("--from and --until need --from-topic")
        }
        if !(part > 0 && part <= 1) { throw ValidationError("--part must be above 0, to 1") }
        if resume, checkpoint == nil { throw ValidationError("--resume needs --checkpoint") }
        let files = [out, checkpoint, export].compactMap(\.self)
        if Set(files).count < files.count {
            throw ValidationError("--out, --checkpoint and --export must be different files")
        }
        if !(8...256).contains(units) || units % 8 != 0 {
            throw ValidationError("--units must be a multiple of 8, from 8 to 256")
        }
        for (name, limit) in [
            ("--max-regions", maxRegions), ("--max-domains", maxDomains), ("--max-pairs", maxPairs),
        ] where !(2...65_535).contains(limit) { throw ValidationError("\(name) must be 2 to 65535") }
        if !(0...65_535).contains(maxNames) { throw ValidationError("--max-names must be 0 to 65535") }
        if !(1...1_000_000_000).contains(maxAccesses) {
            throw ValidationError("--max-accesses must be 1 to 1000000000")
        }
        if !(1...Model.nameBytesMax).contains(modelName.utf8.count) || modelName.contains("/") {
            throw ValidationError("--name must be 1 to \(Model.nameBytesMax) bytes without a slash")
        }
        do throws(TrainingFailure) {
            try numbers.validate()
        } catch { throw ValidationError("\(error)") }
    }

    func run() async throws {
        let run = try await plan()
        let summary = try await DedicatedThread.run(named: "train") { try run.run() }
        Output.line(json ? try Output.json(summary) : summary.text)
    }

    /// What the options ask for.
    func plan() async throws -> TrainRun {
        let (input, affinity) = try await source()
        return TrainRun(
            input: input,
            extent: .init(part: part, accessesMax: maxAccesses, namesMax: maxNames),
            affinity: affinity, numbers: numbers, units: units, name: modelName, out: out,
            checkpoint: checkpoint, isResumed: resume, export: export)
    }

    /// Where accesses come from, and the engine they are for.
    private func source() async throws -> (TrainingInput, AffinityConfiguration) {
        if let input, cluster.config == nil {
            var limits = ClassLimits()
            limits.regions = maxRegions
            limits.domains = maxDomains
            limits.pairs = maxPairs
            let target = (target ?? .region).evaluated
            return (.classes(path: input, target, limits), AffinityConfiguration())
        }
        let settings = try await cluster.settings()
        let partitions = try settings.partitionMap()
        if let input {
            return (.trace(path: input, settings.pipeline, partitions), settings.pipeline.affinity)
        }
        _ = try await cluster.client()
        let topic = TrainingTopic(settings: settings, partitions: partitions, from: from, until: until)
        return (.topic(topic), settings.pipeline.affinity)
    }

    private var numbers: TrainingConfiguration {
        var numbers = TrainingConfiguration()
        numbers.seed = seed
        numbers.rate = learningRate
        numbers.dropout = dropout
        numbers.window = window
        numbers.lanes = lanes
        numbers.epochsMax = epochs
        numbers.patience = patience
        numbers.heldOutPart = heldOut
        numbers.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        return numbers
    }

    private var modelName: String {
        name ?? URL(fileURLWithPath: out).deletingPathExtension().lastPathComponent
    }
}
