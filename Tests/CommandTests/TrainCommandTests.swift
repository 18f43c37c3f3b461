import Affinity
import ArgumentParser
import Contracts
import Evaluation
import Foundation
import Pipeline
import Testing
import Training

@testable import foreshadow

@Suite struct TrainCommandTests {
    let folder: TrainingFolder

    init() throws { folder = try TrainingFolder() }

    private func run(_ arguments: String...) async throws {
        guard var command = try Foreshadow.parseAsRoot(["train"] + arguments) as? any AsyncParsableCommand
        else { throw CommandFailure.input("no command: \(arguments)") }
        try await command.run()
    }

    private func model(_ name: String) throws -> Model { try ModelFile.read(folder.path(name)) }

    @Test func `a trace becomes a model's file, and the same seed gives the same bytes`() async throws {
        let trace = try folder.trace()
        for (name, options) in [
            ("a", ["--threads", "1"]), ("b", ["--threads", "5"]), ("c", ["--seed", "2"]),
        ] {
            let all =
                [
                    "train", "--input", trace, "--out", folder.path("\(name).safetensors"), "--name", "one",
                    "--units", "8", "--epochs", "2", "--window", "8", "--json",
                ] + options
            var command = try #require(try Foreshadow.parseAsRoot(all) as? any AsyncParsableCommand)
            try await command.run()
        }
        let bytes = try folder.bytes("a.safetensors")
        #expect(bytes == (try folder.bytes("b.safetensors")))
        #expect(bytes != (try folder.bytes("c.safetensors")))
        let model = try model("a.safetensors")
        #expect(model.origin.name == "one")
        #expect(model.origin.createdFrom == "trace, the first 600 of 600 events")
        #expect(model.origin.accesses == 600 && model.origin.customers == 10)
        #expect(model.names.partitions == ["home0", "home1", "place0", "place1"])
        #expect(model.names.kinds == ["browse", "purchase"])
        #expect(model.weights.layout.shape.hidden == 8)
    }

    @Test func `a model trained on the first half and given to evaluate foresees as one evaluate trains`()
        throws
    {
        let trace = try EvaluationTrace(path: try folder.trace(), target: .region)
        let alone = try #require(try AffinityPredictor.Deployment.trained(on: trace, seed: 3))
        var half = TrainRun(
            input: .classes(path: folder.path("trace.csv"), .region, ClassLimits()), name: "half",
            out: folder.path("half.safetensors"))
        half.extent.part = 0.5
        half.numbers.seed = 3
        let summary = try half.run()
        #expect(summary.accesses == trace.middle)
        let given = try AffinityPredictor.Deployment.given(
            try model("half.safetensors"), on: trace, after: 0.5)
        #expect(given.start == alone.start)
        #expect(given.states == alone.states)
        func scores(_ deployment: AffinityPredictor.Deployment?) throws -> PrequentialScores {
            let configuration = AffinityConfiguration()
            return try Prequential().run(
                trace, [AffinityPredictor(trace, configuration: configuration, deployment)])
        }
        #expect(try scores(given).models[0].scores == scores(alone).models[0].scores)
        #expect(try scores(given).models[0].scores != scores(nil).models[0].scores)
    }

    @Test func `an interrupted training goes on to the same file`() throws {
        struct Interruption: Error {}
        let input = TrainingInput.classes(path: try folder.trace(), .region, ClassLimits())
        let whole = try smallTraining(input, out: folder.path("whole.safetensors")).run()
        #expect(whole.searched + whole.epochs > 2)
        var run = smallTraining(input, out: folder.path("resumed.safetensors"))
        run.checkpoint = folder.path("checkpoint")
        run.isResumed = true
        // Each attempt gets through one epoch and dies at the end of the next, before that one is kept.
        var attempts = 0
        while true {
            attempts += 1
            var epochs = 0
            do {
                _ = try run.run(onEpoch: { _ in
                    epochs += 1
                    if epochs == 2 { throw Interruption() }
                })
                break
            } catch is Interruption {}
        }
        #expect(attempts == whole.searched + whole.epochs)
        #expect(try folder.bytes("resumed.safetensors") == folder.bytes("whole.safetensors"))
    }

    @Test func `a checkpoint is not lost to a training that does not go on from it, nor goes on elsewhere`()
        throws
    {
        let input = TrainingInput.classes(path: try folder.trace(), .region, ClassLimits())
        var run = smallTraining(input, out: folder.path("m.safetensors"))
        run.checkpoint = folder.path("checkpoint")
        _ = try run.run()
        let first = #expect(throws: CommandFailure.self) { try run.run() }
        #expect(first?.description.contains("exists: go on from it with --resume") == true)
        run.isResumed = true
        run.extent.part = 0.5
        #expect(
            throws: TrainingFailure.foreignCheckpoint("it was trained on 600 accesses, not 300")
        ) { try run.run() }
        run.extent.part = 1
        run.affinity.halfLifeShort *= 2
        #expect(
            throws: TrainingFailure.foreignCheckpoint(
                "it was trained on other accesses, or with another engine")
        ) { try run.run() }
        _ = try folder.write("no checkpoint", to: "checkpoint")
        #expect(throws: CommandFailure.self) { try run.run() }
    }

    @Test func `what cannot be written or is too much is refused before training`() throws {
        let input = TrainingInput.classes(path: try folder.trace(), .region, ClassLimits())
        func refusal(_ change: (inout TrainRun) -> Void) -> String? {
            var run = smallTraining(input, out: folder.path("m.safetensors"))
            change(&run)
            do {
                _ = try run.run(onEpoch: { _ in Issue.record("it trains") })
                return nil
            } catch { return "\(error)" }
        }
        let path = folder.path("")
        #expect(refusal { $0.out = path } == "'\(path)' is a folder")
        #expect(refusal { $0.out = "/no/where/m" }?.contains("there is no folder '/no/where'") == true)
        #expect(refusal { $0.checkpoint = "/no/where/c" }?.contains("there is no folder") == true)
        #expect(
            refusal { $0.extent.accessesMax = 599 }?.contains("more than 599 accesses") == true)
        #expect(refusal { $0.extent.part = 0.001 } == "training: no customer has two accesses")
    }

    @Test func `with a configuration a trace is read as the pipeline would, for its partitions`() async throws
    {
        let trace = try folder.trace()
        let config = try folder.write(
            "partitions: [place0, place1, home0]\naffinity:\n  halfLifeShort: 3\n", to: "c.yaml")
        let command = try TrainCommand.parse([
            "--input", trace, "--config", config, "--out", folder.path("m.safetensors"), "--units", "8",
            "--epochs", "2", "--max-names", "1",
        ])
        let plan = try await command.plan()
        #expect(plan.affinity.halfLifeShort == 3)
        let summary = try plan.run()
        // Home 1 is no partition: two of ten customers are left out.
        #expect(summary.accesses == 480 && summary.customers == 8)
        let model = try model("m.safetensors")
        #expect(model.names.partitions == ["place0", "place1", "home0"])
        #expect(model.names.kinds == ["purchase"], "the most frequent one")
        #expect(model.origin.createdFrom == "trace")
        #expect(model.origin.name == "m")
    }

    @Test(arguments: [
        [], ["--input", "t", "--from-topic"], ["--from-topic", "--target", "region"],
        ["--input", "t", "--config", "c", "--target", "pair"], ["--input", "t", "--from", "0"],
        ["--input", "t", "--part", "0"], ["--input", "t", "--part", "1.5"], ["--input", "t", "--resume"],
        ["--input", "t", "--units", "12"], ["--input", "t", "--epochs", "0"],
        ["--input", "t", "--learning-rate", "nan"], ["--input", "t", "--threads", "0"],
        ["--input", "t", "--max-accesses", "0"], ["--input", "t", "--name", "a/b"],
        ["--input", "t", "--checkpoint", "m.safetensors"], ["--input", "t", "--export", "m.safetensors"],
    ])
    func `options that make no sense are refused`(options: [String]) {
        #expect(throws: (any Error).self) {
            try TrainCommand.parse(options + ["--out", "m.safetensors"])
        }
    }

    @Test func `what training and evaluate take if nothing is said is the same`() throws {
        let command = try TrainCommand.parse(["--input", "t", "--out", "m"])
        #expect(command.seed == (try EvaluateCommand.parse(["--input", "t"]).seed))
        #expect(command.part == 1 && command.units == NetworkShape.defaultUnits)
        for count in 2..<1_000 { #expect(TrainingAccesses.end(of: count, part: 0.5) == count / 2) }
    }
}
