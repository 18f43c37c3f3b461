internal import Kafka
internal import SimulatedKafka
internal import Streams

/// What must hold in the end.
extension Simulation {
    func check() {
        for number in 0..<plan.tasks {
            let log = model.committedRecords(TopicPartition(Ledger.input, number))
            let (expected, report) = fold(log, number)
            checkOutputs(number, expected)
            if plan.guarantee == .exactlyOnce { checkCopies(number, log) }
            checkRestore(number, report)
        }
        for (place, history) in model.commitHistory(Self.group) where history != history.sorted() {
            violate("the committed offset of \(place) went backwards: \(history)")
        }
    }

    /// What a ledger makes of a log, undisturbed.
    private func fold(_ log: [StoredRecord], _ number: Int32) -> (
        [(key: [UInt8]?, value: [UInt8]?)], Ledger.Report
    ) {
        var ledger = Ledger(TaskPlace(number: number, count: plan.tasks))
        var outputs = Outputs(topics: [Ledger.output])
        let batch = MessageBatch(log.map { .record($0) }, topics: [StoredTopic(Ledger.input)])
        for i in 0..<batch.count { ledger.process(batch.record(at: i), input: 0, outputs: &outputs) }
        var expected: [(key: [UInt8]?, value: [UInt8]?)] = []
        outputs.buffer.forEach(names: [StoredTopic(Ledger.output)], timestamp: nil) { _, record in
            let copy = StoredRecord(record)
            expected.append((copy.key, copy.value))
        }
        return (expected, ledger.report)
    }

    private func checkOutputs(_ number: Int32, _ expected: [(key: [UInt8]?, value: [UInt8]?)]) {
        let place = TopicPartition(Ledger.output, number)
        var actual = model.committedRecords(place).map { (key: $0.key, value: $0.value) }
        var expected = expected
        if plan.guarantee == .atLeastOnce {
            actual = withoutRepeats(actual)
            expected = withoutRepeats(expected)
        }
        for i in 0..<max(actual.count, expected.count) {
            let (a, e) = (actual.dropFirst(i).first, expected.dropFirst(i).first)
            if a?.key == e?.key, a?.value == e?.value { continue }
            return violate(
                "output \(i) of \(place) is \(text(a)) and ought to be \(text(e)); "
                    + "\(actual.count) of \(expected.count)")
        }
    }

    /// What a reader makes of outputs that may come twice: each says how many records led to it.
    private func withoutRepeats(_ outputs: [(key: [UInt8]?, value: [UInt8]?)]) -> [(
        key: [UInt8]?, value: [UInt8]?
    )] {
        var seen: UInt64 = 0
        return outputs.filter { output in
            guard let value = output.value else { return false }
            let words = String(decoding: value, as: UTF8.self).split(separator: " ")
            let total = words[0] == "idle" ? UInt64(words[1]) : UInt64(words[2])
            guard let total, total > seen else { return false }
            seen = total
            return true
        }
    }

    /// Every profile was copied into the log once, in order.
    private func checkCopies(_ number: Int32, _ log: [StoredRecord]) {
        let copies = log.filter { $0.headers.contains(Ledger.copyMark) }.map { [$0.key, $0.value] }
        let profiles = model.committedRecords(TopicPartition(Ledger.profiles, number)).map {
            [$0.key, $0.value]
        }
        if copies != profiles {
            violate("profiles of task \(number): \(copies.count) copies of \(profiles.count)")
        }
    }

    /// Snapshots and the tail of the log give the state that the whole log gives.
    private func checkRestore(_ number: Int32, _ expected: Ledger.Report) {
        let slot = TaskSlot(
            TaskPlace(number: number, count: plan.tasks), of: Ledger.stage(), now: .now)
        let stage = Ledger.stage()
        guard let snapshots = stage.snapshots else { return }
        do {
            let consumer = try SimulatedProcess(model).makeConsumer(group: "check", client: "check")
            var reader = SnapshotReader(stage: stage, snapshots: snapshots, consumer: consumer)
            _ = try reader.restore([slot]) { _ in false }
        } catch {
            return violate("the snapshots of task \(number) cannot be read: \(error)")
        }
        let position = slot.inputs[0].position
        let tail = model.committedRecords(TopicPartition(Ledger.input, number)).filter {
            $0.offset >= position
        }
        var outputs = Outputs(topics: [Ledger.output])
        let batch = MessageBatch(tail.map { .record($0) }, topics: [StoredTopic(Ledger.input)])
        for i in 0..<batch.count { slot.processor.process(batch.record(at: i), input: 0, outputs: &outputs) }
        if slot.processor.report != expected {
            violate("task \(number) restores to \(slot.processor.report), not to \(expected)")
        }
    }

    private func text(_ output: (key: [UInt8]?, value: [UInt8]?)?) -> String {
        guard let output else { return "nothing" }
        func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-" }
        return "\(text(output.key)): \(text(output.value))"
    }

    private static func copy(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}
