import Affinity
import Testing
import Training

@Suite struct CheckpointTests {
    private func trained() throws -> (checkpoints: [TrainingCheckpoint], result: TrainingResult) {
        var numbers = TrainingConfiguration()
        numbers.lanes = 4
        numbers.window = 8
        numbers.epochsMax = 2
        numbers.seed = .max
        var checkpoints: [TrainingCheckpoint] = []
        let set = randomSet(tinyShape(), accesses: 90, customers: 5, seed: 2)
        let result = try Trainer(set, numbers).run(onCheckpoint: { checkpoints.append($0) })
        return (checkpoints, result)
    }

    @Test func `a checkpoint that was written is read, to the last bit`() throws {
        for var checkpoint in try trained().checkpoints {
            checkpoint.source = "interactions 0:5..17"
            let bytes = checkpoint.encoded()
            #expect(try TrainingCheckpoint(decoding: bytes.span.bytes) == checkpoint)
        }
    }

    @Test func `a damaged checkpoint is refused`() throws {
        let bytes = try #require(try trained().checkpoints.first).encoded()
        func refusal(_ change: (inout SafeTensors) -> Void) throws -> String? {
            var file = try SafeTensors(decoding: bytes.span.bytes, limit: 1 << 20)
            change(&file)
            let changed = file.encoded()
            do throws(TrainingFailure) {
                _ = try TrainingCheckpoint(decoding: changed.span.bytes)
                return nil
            } catch {
                return error.description.replacing("training: the checkpoint cannot be resumed: ", with: "")
            }
        }
        #expect(try refusal { _ in } == nil)
        #expect(
            try refusal { $0.metadata = [:] } == "the metadata have no text called checkpoint")
        #expect(try refusal { $0.tensors.removeLast() } == "second_moments are missing")
        #expect(
            try refusal { $0.tensors[1].values[0] = .nan } == "first_moments are infinite or not numbers")
        #expect(
            try refusal { $0.metadata["checkpoint"]?.replace(#""format":1"#, with: #""format":9"#) }
                == "format is not 1")
        #expect(
            try refusal { $0.metadata["checkpoint"]?.replace(#""lanes":4"#, with: #""lanes":[]"#) }
                == "lanes must be a whole number")
        #expect(throws: TrainingFailure.self) {
            try TrainingCheckpoint(decoding: Array(bytes[..<100]).span.bytes)
        }
    }

    @Test func `a result becomes a model that forecasts the same`() throws {
        let result = try trained().result
        let names = Model.Names(
            partitions: ["a", "b", "c"], regions: ["north", "south"], domains: ["sales"], kinds: ["browse"])
        let model = try result.model(name: "test", createdFrom: "a test", names: names)
        #expect(model.weights.values == result.weights.values)
        #expect(model.origin.accesses == 90 && model.origin.customers == 5)
        #expect(model.origin.epochs == result.best?.epoch)
        #expect(model.origin.heldOut == result.best?.heldOut)
        #expect(model.shareDiscount == 0.9)
        let read = try Model(decoding: model.encoded().span.bytes)
        #expect(read.weights.values == result.weights.values)
    }
}
