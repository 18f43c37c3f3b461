import Affinity
import Testing
import Training

@Suite struct TrainerTests {
    private func configuration(_ change: (inout TrainingConfiguration) -> Void = { _ in })
        -> TrainingConfiguration
    {
        var configuration = TrainingConfiguration()
        configuration.lanes = 10
        configuration.window = 8
        configuration.epochsMax = 5
        configuration.patience = 2
        change(&configuration)
        return configuration
    }

    @Test func `what needs memory is learned`() throws {
        var shape = NetworkShape(
            partitions: 2, experts: 1, regions: 1, domains: 1, kinds: 1, denseInputs: 1, features: 1,
            timeFeatures: 1)
        shape.hidden = 8
        shape.headUnits = 8
        let set = memorySet(shape, accesses: 3_000, customers: 40, seed: 21)
        let numbers = configuration {
            $0.lanes = 8
            $0.epochsMax = 14
            $0.dropout = 0
            $0.rate = 0.02
            $0.heldOutPart = 0
            $0.threads = 2
        }
        let result = try Trainer(set, numbers).run()
        let losses = try #require(result.last?.training)
        #expect(losses.next < 0.05, "\(losses)")
        #expect(losses.nextAtTime < 0.05, "\(losses)")
        #expect(result.weights.areFinite)
    }

    @Test func `the same seed gives the same weights, with any number of threads`() throws {
        let set = randomSet(tinyShape(), accesses: 700, customers: 30, seed: 5)
        let one = try Trainer(set, configuration { $0.threads = 1 }).run()
        let again = try Trainer(set, configuration { $0.threads = 1 }).run()
        let two = try Trainer(set, configuration { $0.threads = 2 }).run()
        let five = try Trainer(set, configuration { $0.threads = 5 }).run()
        #expect(one.weights.values == again.weights.values)
        #expect(one.weights.values == two.weights.values)
        #expect(one.weights.values == five.weights.values)
        #expect(one.epochs == five.epochs)
        let other = try Trainer(set, configuration { $0.seed = 2 }).run()
        #expect(one.weights.values != other.weights.values)
    }

    @Test func `training that is resumed ends as if it had not been interrupted`() throws {
        let set = randomSet(tinyShape(), accesses: 700, customers: 30, seed: 5)
        var checkpoints: [TrainingCheckpoint] = []
        let whole = try Trainer(set, configuration()).run(onCheckpoint: { checkpoints.append($0) })
        #expect(checkpoints.count == whole.epochs.count && checkpoints.count > 3)
        for checkpoint in checkpoints {
            let resumed = try Trainer(set, configuration { $0.threads = 3 }).run(resuming: checkpoint)
            #expect(resumed.weights.values == whole.weights.values, "after \(checkpoint.epochs.count)")
            #expect(resumed.epochs == whole.epochs)
        }
    }

    @Test func `the final part trains for the best number of epochs`() throws {
        let set = randomSet(tinyShape(), accesses: 700, customers: 30, seed: 6)
        let result = try Trainer(set, configuration()).run()
        let searched = result.epochs.filter { $0.phase == .search }
        let best = try #require(result.best)
        #expect(searched.allSatisfy { ($0.heldOut?.total ?? 0) >= (best.heldOut?.total ?? .infinity) })
        #expect(searched.count == 5 || searched.count == best.epoch + 2)
        #expect(result.epochs.count { $0.phase == .final } == best.epoch)
        #expect(result.accesses == 700 && result.customers == 30)
    }

    @Test func `progress goes from 0 to 1 in every epoch, and what the caller throws comes out`() throws {
        struct Enough: Error {}
        let set = randomSet(tinyShape(), accesses: 700, customers: 30, seed: 6)
        var seen: [TrainingProgress] = []
        #expect(throws: Enough.self) {
            try Trainer(set, configuration()).run(onProgress: { progress in
                seen.append(progress)
                if progress.epoch == 2 { throw Enough() }
            })
        }
        let first = seen.filter { $0.epoch == 1 }
        #expect(first.last?.fraction == 1 && first.last?.heldOut != nil)
        #expect(zip(first, first.dropFirst()).allSatisfy { $0.fraction < $1.fraction })
        #expect(first.allSatisfy { $0.training.total > 0 && $0.phase == .search })
    }

    @Test func `what cannot be trained is refused`() throws {
        let shape = tinyShape()
        #expect(throws: TrainingFailure.noExamples) { try Trainer(TrainingSet(shape), configuration()) }
        let alone = randomSet(shape, accesses: 1, customers: 1, seed: 1)
        #expect(throws: TrainingFailure.noExamples) { try Trainer(alone, configuration()) }
        let set = randomSet(shape, accesses: 50, customers: 2, seed: 1)
        #expect(throws: TrainingFailure.outOfRange(name: "dropout", range: "0 to 0.9")) {
            try Trainer(set, configuration { $0.dropout = 1 })
        }
        #expect(throws: TrainingFailure.outOfRange(name: "lanes", range: "1 to 4,096")) {
            try Trainer(set, configuration { $0.lanes = 0 })
        }
        #expect(throws: TrainingFailure.outOfRange(name: "rate", range: "0.000001 to 1")) {
            try Trainer(set, configuration { $0.rate = .nan })
        }
    }

    @Test func `a checkpoint of something else is refused`() throws {
        let set = randomSet(tinyShape(), accesses: 200, customers: 9, seed: 5)
        var last: TrainingCheckpoint?
        _ = try Trainer(set, configuration()).run(onCheckpoint: { last = $0 })
        let checkpoint = try #require(last)
        func refusal(_ set: TrainingSet, _ numbers: TrainingConfiguration, _ checkpoint: TrainingCheckpoint)
            -> String?
        {
            do {
                _ = try Trainer(set, numbers).run(resuming: checkpoint)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal(set, configuration(), checkpoint) == nil)
        #expect(
            refusal(set, configuration { $0.seed = 3 }, checkpoint)
                == "training: the checkpoint cannot be resumed: it was trained with other numbers")
        let more = randomSet(tinyShape(), accesses: 201, customers: 9, seed: 5)
        #expect(
            refusal(more, configuration(), checkpoint)
                == "training: the checkpoint cannot be resumed: it was trained on 200 accesses, not 201")
        let others = randomSet(tinyShape(), accesses: 200, customers: 9, seed: 6)
        #expect(
            refusal(others, configuration(), checkpoint)
                == "training: the checkpoint cannot be resumed: it was trained on other accesses, or with another engine"
        )
        var short = checkpoint
        short.firstMoments.removeLast()
        #expect(
            refusal(set, configuration(), short)
                == "training: the checkpoint cannot be resumed: it is of a network of another shape")
    }
}
