import Contracts
import Kafka
import Pipeline
import Streams

/// `train --from-topic`: the accesses of a cluster's `interactions`, up to its end as of the start.
struct TrainingTopic: Sendable {
    let settings: Settings
    let partitions: PartitionMap
    /// Records published from then on.
    let from: ReplayMoment?
    /// Records published before then.
    let until: ReplayMoment?

    private var topic: String { settings.topics.name(TopicName.interactions) }

    /// Collects the accesses and says what they were read from: the topic and its offsets. That of a training that
    /// is resumed is read again, whatever came since.
    func collect(
        resuming source: String?, limit: Int
    ) throws -> (collector: AccessCollector, source: String) {
        let logger = CommandLog.logger("train")
        let admin = try Admin(settings.client, logger: logger)
        guard let found = try admin.topics().first(where: { $0.name == topic }) else {
            throw StageFailure.missingTopic(topic)
        }
        let places = (0..<found.topicPartitions).map { TopicPartition(topic, $0) }
        let resumed = try source.map { try Self.spans(of: $0, topic) }
        var spans: [(TopicPartition, Range<Int64>)] = []
        for place in places {
            spans.append((place, try span(place, resumed?[place.partition], resumed != nil, admin)))
        }
        var collector = AccessCollector(settings.pipeline, partitions, limit: limit)
        let total = spans.reduce(0) { $0 + Int64($1.1.count) }
        let progress = ReplayProgress("interactions", total: total)
        for (place, span) in spans {
            let log = try ReplayLog(place, span: span, cluster: ReplayVerify.cluster(settings))
            while try log.hasNext() {
                try log.withNext { record throws(CommandFailure) in try collector.add(record) }
                log.consume()
                progress.add(1)
            }
        }
        Output.endProgress()
        return (collector, Self.source(topic, spans.map { ($0.0.partition, $0.1) }))
    }

    /// The span of a topic partition: that of the training that is resumed, or what the options ask for.
    private func span(
        _ place: TopicPartition, _ resumed: ReplayOffsets.Span?, _ isResumed: Bool, _ admin: Admin
    ) throws -> Range<Int64> {
        let kept = try admin.watermarks(of: place)
        if isResumed {
            guard let resumed else { return kept.upperBound..<kept.upperBound }
            let range = resumed.range(in: kept)
            if range.lowerBound == resumed.start, range.upperBound == resumed.end { return range }
            throw CommandFailure.input(
                "\(place) no longer has all it had when the checkpoint was made; start anew without it")
        }
        func offset(at moment: ReplayMoment?) throws -> Int64? {
            guard let moment else { return nil }
            // Where nothing is as new as that, there is only the end.
            return try admin.offsets(at: moment.milliseconds, of: [place])[place] ?? kept.upperBound
        }
        let start = try offset(at: from)
        return ReplayOffsets.Span(start: start, end: try offset(at: until)).range(in: kept)
    }

    /// `interactions 0:5..17,1:0..9`.
    static func source(_ topic: String, _ spans: [(Int32, Range<Int64>)]) -> String {
        let parts = spans.filter { !$0.1.isEmpty }.map { "\($0):\($1.lowerBound)..\($1.upperBound)" }
        return "\(topic) \(parts.joined(separator: ","))"
    }

    /// What `source` wrote.
    static func spans(of source: String, _ topic: String) throws -> [Int32: ReplayOffsets.Span] {
        guard source.hasPrefix("\(topic) "),
            let offsets = ReplayOffsets(argument: String(source.dropFirst(topic.count + 1)))
        else {
            throw CommandFailure.input(
                "the checkpoint cannot be resumed: it was trained on '\(source)', not on the topic \(topic)")
        }
        return offsets.spans
    }
}
