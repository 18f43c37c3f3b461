internal import Kafka
internal import Logging

/// Whether the logs that tasks go on in are those they have read so far, and hold what the tasks lack.
extension Worker {
    /// Compares the positions of the tasks to be taken over with the logs. By the configured policy a difference ends
    /// the process, or is counted and gone on from, with `committed` and the tasks' positions moved.
    func checkLogs(
        _ places: [TopicPartition], _ committed: inout [TopicPartition: OffsetAndMetadata]
    ) throws {
        let ranges = try logRanges(places)
        let marks = committed.compactMapValues { LogMark($0.metadata) }
        let strangers = try findReplaced(places, ranges, marks, committed)
        for place in places.sorted() {
            guard let range = ranges[place], let slot = tasks[place.partition] else { continue }
            for (input, topic) in stage.inputs.enumerated() where topic == place.topic {
                let hasState = slot.isRestored || slot.inputs[input].position > 0
                let mark = marks[place] ?? (hasState ? slot.inputs[input].mark : nil)
                let position = committed[place]?.offset ?? slot.inputs[input].position
                if strangers.contains(place) || position > range.upperBound {
                    try report(.replaced(place, position: position, found: range))
                    committed[place] = OffsetAndMetadata(range.lowerBound)
                    slot.begin(input: input, at: range.lowerBound, origin: range.lowerBound)
                    continue
                }
                if committed[place] != nil, position < range.lowerBound {
                    try report(.truncated(place, position: position, start: range.lowerBound))
                    committed[place] = OffsetAndMetadata(range.lowerBound)
                }
                slot.inputs[input].takenOverMark = mark
                if stage.relay?.input == input {
                    // What is copied on has no state.
                    slot.inputs[input].mark = mark ?? LogMark(origin: range.lowerBound)
                } else if hasState {
                    try checkState(slot, input, place, upTo: position, range)
                } else {
                    let origin = mark?.origin ?? range.lowerBound
                    if committed[place] != nil, origin < range.lowerBound, position > origin {
                        try report(.stateInputGone(place, state: origin, start: range.lowerBound))
                    }
                    slot.begin(
                        input: input, at: max(slot.inputs[input].position, range.lowerBound),
                        origin: max(origin, range.lowerBound))
                }
            }
        }
    }

    /// A saved state can be brought up to what was committed only if the records in between are there.
    private func checkState(
        _ slot: TaskSlot<P>, _ input: Int, _ place: TopicPartition, upTo committed: Int64,
        _ range: Range<Int64>
    ) throws {
        let state = slot.inputs[input].position
        if state >= range.lowerBound { return }
        if state < committed {
            try report(.stateInputGone(place, state: state, start: min(committed, range.lowerBound)))
        }
        slot.inputs[input].position = range.lowerBound
    }

    private func report(_ change: LogChange) throws {
        if configuration.onLogChange == .stop { throw StageFailure.logChanged(change) }
        logger.error("\(change). Going on with what is there", metadata: ["stage": "\(stage.name)"])
        control.update {
            $0.lostRecords += change.lostRecords
            $0.rereadRecords += change.rereadRecords
        }
    }

    private func logRanges(_ places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Range<Int64>] {
        var ranges: [TopicPartition: Range<Int64>] = [:]
        let timeout = Int32(configuration.requestTimeoutMilliseconds)
        for place in places where !control.isStopping {
            control.turn()
            ranges[place] = try consumer.logRange(of: place, timeoutMilliseconds: timeout)
        }
        return ranges
    }

    /// The topic partitions whose record at the marked offset is another one than was read there. A record that is
    /// gone, by retention or compaction, proves nothing.
    private func findReplaced(
        _ places: [TopicPartition], _ ranges: [TopicPartition: Range<Int64>],
        _ marks: [TopicPartition: LogMark], _ committed: [TopicPartition: OffsetAndMetadata]
    ) throws -> Set<TopicPartition> {
        var wanted: [TopicPartition: LogMark.Last] = [:]
        for place in places {
            var last: LogMark.Last?
            forEachInput(place) { last = (marks[place] ?? tasks[place.partition]?.inputs[$0].mark)?.last }
            if let last, ranges[place]?.contains(last.offset) == true { wanted[place] = last }
        }
        if wanted.isEmpty { return [] }
        let reading = try cluster.makeConsumer(group: group, client: client + "-check")
        defer { reading.close() }
        return try LogReader(reading, cluster).differing(wanted) {
            control.turn()
            return control.isStopping
        }
    }
}

/// Reads single records again.
struct LogReader {
    private let consumer: any StreamConsumer
    private let cluster: any Cluster
    /// How long the records may take.
    private static let patience = Duration.seconds(8)

    init(_ consumer: any StreamConsumer, _ cluster: any Cluster) {
        self.consumer = consumer
        self.cluster = cluster
    }

    /// Where the record at the offset has another fingerprint. `isOver` is asked now and then.
    func differing(
        _ wanted: [TopicPartition: LogMark.Last], isOver: () -> Bool
    ) throws(KafkaError) -> Set<TopicPartition> {
        var differing: Set<TopicPartition> = []
        var open = Set(wanted.keys)
        try consumer.assign(wanted.mapValues(\.offset))
        let deadline = cluster.now + Self.patience
        while !open.isEmpty, !isOver() {
            let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 50)
            for i in 0..<batch.count {
                switch batch.event(at: i) {
                case nil:
                    let record = batch.record(at: i)
                    let place = TopicPartition(record.topic.name, record.partition)
                    guard open.remove(place) != nil, let last = wanted[place] else { continue }
                    let isSame =
                        record.offset != last.offset || RecordFingerprint(record) == last.fingerprint
                    if !isSame { differing.insert(place) }
                case .end(let place, _): open.remove(place)
                case .failure(let error): if !error.isRetriable { throw error }
                }
            }
            if let failure = consumer.fatalError { throw failure }
            if cluster.now >= deadline {
                throw KafkaError(
                    code: -185,  // librdkafka's _TIMED_OUT
                    reason: "the last records read of \(open.count) topic partitions do not come back",
                    remedy: .retry)
            }
        }
        return differing
    }
}
