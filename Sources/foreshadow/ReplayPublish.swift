import Contracts
import Foundation
import Kafka
import Pipeline
import Streams
import Workload

/// Publishes a replay's source into a topic, resumably: how far it is stands in the same transactions.
struct ReplayPublish {
    /// What was done.
    struct Report: Codable, Equatable {
        /// Records published now.
        var published: Int64 = 0
        /// Records that were there already.
        var skipped: Int64 = 0
        /// Records left out, because they belong to the place where they were logged.
        var leftOut: Int64 = 0
        var seconds = 0.0
    }

    let settings: Settings
    /// Names this replay: whoever goes on with it gives the same.
    let name: String
    let topic: String
    let stop: ReplayStop

    /// Records of one transaction; fewer where a pace is given.
    private static let transactionRecords = 5_000
    private static let transactionInterval = Duration.milliseconds(500)

    private func cluster() -> KafkaCluster {
        // As Java clients spread keys, so that it does not matter who publishes.
        var producer = ["partitioner": "murmur2_random", "linger.ms": "20"]
        producer.merge(settings.streams.producerSettings) { $1 }
        return KafkaCluster(
            settings.client, consumerSettings: settings.streams.consumerSettings, producerSettings: producer,
            logger: CommandLog.logger("replay"))
    }

    // MARK: A trace

    /// Publishes a trace. With `ending` come, as its last record, marks that nothing follows; they go into that
    /// many topic partitions, and telemetry is marked as idle.
    func publish(file: String, pace rule: Pace.Rule, ending: (topicPartitions: Int32, telemetry: String)?)
        throws -> Report
    {
        let topics = [topic] + (ending.map { [$0.telemetry] } ?? [])
        let publisher = try ReplayPublisher(name: "\(name)-publish", topics: topics, cluster: cluster())
        let counter = TopicPartition(topic, 0)
        var resume = ReplayResume(done: try publisher.start([counter])[counter] ?? 0)
        let progress = ReplayProgress("events", total: nil)
        var reader = try TraceReader(path: file)
        var pace = Pace(rule)
        var last: EventTime?
        var commitAt = ContinuousClock.now + Self.transactionInterval
        while !stop.isSet, let record = try reader.next() {
            if let time = record.time { last = max(last ?? time, time) }
            guard resume.take() else { continue }
            let before = resume.position - 1
            try pace.wait(for: record.time) {
                if publisher.waiting > 0 { try publisher.commit([counter: before]) }
            }
            publisher.append(key: record.key.span.bytes, value: record.value.span.bytes)
            let isLate = rule != .unlimited && ContinuousClock.now >= commitAt
            if publisher.waiting >= Self.transactionRecords || isLate {
                progress.add(Int64(publisher.waiting), fraction: reader.fraction)
                try publisher.commit([counter: resume.position])
                commitAt = ContinuousClock.now + Self.transactionInterval
            }
        }
        if let ending, !stop.isSet {
            let marks = resume
            if resume.take(), let last {
                mark(publisher, ending.topicPartitions, last)
            } else {
                resume = marks
            }
        }
        if publisher.waiting > 0 { try publisher.commit([counter: resume.position]) }
        Output.endProgress()
        return Report(published: resume.taken, skipped: resume.skipped, seconds: progress.seconds)
    }

    private func mark(_ publisher: ReplayPublisher, _ count: Int32, _ last: EventTime) {
        let end = Header(Mark.headerName, Mark.completeThrough(last + 1).text)
        for number in 0..<count {
            publisher.append(partition: number, key: nil, value: nil, headers: [end])
        }
        let idle = Header(Mark.headerName, Mark.idle.text)
        publisher.append(topic: 1, partition: 0, key: nil, value: nil, headers: [idle])
    }

    // MARK: A span of the log

    /// Publishes a span of `interactions` again, each record into the topic partition it was in.
    func publish(_ bounds: ReplayBounds, places: [TopicPartition], pace rule: Pace.Rule) throws -> Report {
        let publisher = try ReplayPublisher(name: "\(name)-copy", topics: [topic], cluster: cluster())
        let done = try publisher.start(places)
        let reading = ReplayVerify.cluster(settings)
        var report = Report()
        let logs = try places.map { place in
            let span = bounds.spans[place] ?? 0..<0
            let start = min(max(span.lowerBound, done[place] ?? 0), span.upperBound)
            report.skipped += start - span.lowerBound
            return try ReplayLog(place, span: start..<span.upperBound, cluster: reading)
        }
        let total = logs.map(\.span.count).reduce(0, +)
        let progress = ReplayProgress("records", total: Int64(total))
        var merge = ReplayMerge(logs)
        var pace = Pace(rule)
        var positions: [TopicPartition: Int64] = [:]
        var read: Int64 = 0
        while !stop.isSet, let number = try merge.next() {
            let time = logs[number].withNext { $0.timestamp }
            try pace.wait(for: time) { if publisher.waiting > 0 { try publisher.commit(positions) } }
            logs[number].withNext { record in
                if Self.belongsThere(record) {
                    report.leftOut += 1
                } else {
                    report.published += 1
                    publisher.append(
                        partition: record.partition, key: record.key, value: record.value,
                        headers: record.headers())
                }
            }
            merge.consume(number)
            positions[places[number]] = logs[number].position
            read += 1
            if read.isMultiple(of: Int64(Self.transactionRecords)) {
                progress.add(Int64(Self.transactionRecords))
                try publisher.commit(positions)
            }
        }
        if !positions.isEmpty { try publisher.commit(positions) }
        Output.endProgress()
        report.seconds = progress.seconds
        return report
    }

    /// Marks of progress and copied profiles were logged for their old place. A switch of the model was not: what
    /// came after it was meant for that model.
    static func belongsThere(_ record: borrowing Record) -> Bool {
        guard record.hasHeaders else { return false }
        return record.headers().contains {
            $0.name == CopiedRecord.headerName
                || ($0.name == Mark.headerName && record.value == nil && $0.value != Array(Mark.model.utf8))
        }
    }
}

/// Which records of a source that is read from its beginning are still to be published.
struct ReplayResume: Equatable {
    /// Records that are there already.
    let done: Int64
    /// The place of the last record looked at, counted from 1; never less than `done`, which is committed.
    var position: Int64 { max(done, seen) }
    /// Records that were there already, as far as they were looked at.
    var skipped: Int64 { min(done, seen) }
    /// Records that were not.
    var taken: Int64 { seen - skipped }

    private var seen: Int64 = 0

    init(done: Int64) {
        self.done = done
    }

    /// Looks at the next record; whether it is still to be published.
    mutating func take() -> Bool {
        seen += 1
        return seen > done
    }
}
