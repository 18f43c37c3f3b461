import Alerting
import Contracts
import Testing

/// State that was written as bytes is gone on from exactly, and the same calls give the same alerts.
@Suite struct AlertSnapshotTests {
    /// A window in which, now and then, anything may be wrong.
    private func disturb(_ harness: inout AlertHarness, _ random: inout SeededGenerator) {
        let (partition, kind) = (
            PartitionIndex.random(in: 0..<3, using: &random), Int.random(in: 0..<7, using: &random)
        )
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            if kind == 4 { harness.evaluator.observe(deadLetters: 20) }
            harness.evaluator.observe(lagOf: "interactions", records: kind == 5 ? 1 << 30 : 5, millis: 5)
            harness.evaluator.observe(stallOf: "updater", millis: kind == 6 ? 90_000 : 100)
            harness.evaluator.observe(ratioOf: "ring", pValue: kind == 4 ? 1e-6 : 0.4)
            harness.window { sample in
                var sample = sample
                guard sample.partition == partition else { return sample }
                switch kind {
                case 0: return nil
                case 1: sample.utilisationMilli = 990
                case 2: sample.latencyP99Micros *= 5
                case 3: sample.errors = sample.reads / 10
                case 6: sample.reads *= 5
                default: break
                }
                return sample
            }
        }
    }

    private func harness(_ steps: Int, _ configure: (inout AlertConfiguration) -> Void = { _ in }) throws
        -> (AlertHarness, SeededGenerator)
    {
        var random = SeededGenerator(seed: 22)
        var harness = try AlertHarness(seed: 21, configure)
        harness.evaluator.observe(harness.command(1, .ramping, share: 50))
        for _ in 0..<steps { disturb(&harness, &random) }
        return (harness, random)
    }

    private func bytes(_ evaluator: AlertEvaluator) -> [UInt8] {
        var writer = StateWriter()
        evaluator.encode(into: &writer)
        return writer.bytes
    }

    private func restored(
        _ bytes: [UInt8], like harness: AlertHarness
    ) throws(StateFailure) -> AlertEvaluator {
        var reader = StateReader(bytes.span.bytes)
        let evaluator = try AlertEvaluator(
            harness.evaluator.configuration, partitions: harness.partitions, &reader)
        try reader.finish()
        return evaluator
    }

    @Test(arguments: [0, 1, 20, 150])
    func `an evaluator read from its bytes goes on as the one that wrote them`(steps: Int) throws {
        var (original, random) = try harness(steps)
        // What the window that is open has so far is part of it.
        original.evaluator.observe(deadLetters: 11)
        original.evaluator.observe(lagOf: "customers", records: 7, millis: 8)
        var copy = original
        copy.evaluator = try restored(bytes(original.evaluator), like: original)
        #expect(copy.evaluator == original.evaluator)
        #expect(copy.evaluator.firing == original.evaluator.firing)
        var same = random
        for _ in 0..<60 {
            disturb(&original, &random)
            disturb(&copy, &same)
        }
        #expect(original.alerts.count > 20)
        #expect(copy.alerts == original.alerts)
        #expect(bytes(copy.evaluator) == bytes(original.evaluator))
    }

    @Test func `every rule has fired in what these tests go through`() throws {
        let (harness, _) = try harness(300)
        let fired = Set(harness.alerts.compactMap { AlertRule.split($0.rule).rule })
        #expect(Set(AlertRule.allCases).subtracting(fired) == [])
    }

    @Test func `the order in which partitions are heard does not matter`() throws {
        func alerts(_ order: [PartitionIndex]) throws -> [Alert] {
            var harness = try AlertHarness(seed: 23)
            for window in 0..<300 {
                var samples: [Telemetry] = []
                harness.window {
                    samples.append($0)
                    return nil
                }
                // All are of the window to come.
                for partition in order {
                    var sample = samples[Int(partition)]
                    sample.time += AlertHarness.hour
                    if window % 40 > 35 { sample.utilisationMilli = 900 }
                    harness.evaluator.observe(sample)
                }
            }
            return harness.alerts
        }
        let first = try alerts([0, 1, 2])
        #expect(first.count > 20)
        #expect(try alerts([2, 0, 1]) == first)
    }

    @Test func `windows that were left out are evaluated too, but not for ever`() throws {
        var harness = try AlertHarness()
        harness.run(10)
        harness.windows += 4
        harness.alerts += harness.evaluator.evaluate(windowEnd: harness.end)
        #expect(harness.alerts.count == 3, "telemetry is missing")
        #expect(harness.evaluator.evaluate(windowEnd: harness.end) == [])
        #expect(harness.evaluator.evaluate(windowEnd: .max).count == 0)
        #expect(harness.evaluator.evaluate(windowEnd: .min) == [])
    }

    @Test func `state cut short, of another version or of another shape is refused`() throws {
        let (harness, _) = try harness(20)
        let bytes = bytes(harness.evaluator)
        for end in stride(from: 0, to: bytes.count, by: 11) {
            #expect(throws: StateFailure.self) { try restored(Array(bytes[..<end]), like: harness) }
        }
        #expect(throws: StateFailure.unknownVersion(9)) {
            try restored([9] + bytes.dropFirst(), like: harness)
        }
        let minutes = try AlertHarness { $0.windowMillis = 60_000 }
        #expect(throws: StateFailure.otherShape("windows of 3600000 ms, not 60000")) {
            try restored(bytes, like: minutes)
        }
        let limits = try AlertHarness { $0.budget.slow = [] }
        #expect(throws: StateFailure.otherShape("3 burn limits, not 2")) { try restored(bytes, like: limits) }
    }

    @Test func `damaged state is refused or read, and what is read goes on`() throws {
        var (harness, random) = try harness(20)
        let bytes = bytes(harness.evaluator)
        var read = 0
        for _ in 0..<500 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            guard let evaluator = try? restored(damaged, like: harness) else { continue }
            read += 1
            harness.evaluator = evaluator
            harness.run(3)
        }
        #expect((1..<500).contains(read))
    }
}
