import Contracts
import Kafka
import Pipeline
import Streams

/// `explain` from the topics.
struct ExplainTopics: Sendable {
    let settings: Settings
    let partitions: PartitionMap

    /// Reads the updater's state of one topic partition after the other until one knows the customer.
    ///
    /// The first is the one that Kafka's usual hash gives the customer. Producers may use another, so that all are
    /// searched before a customer is unknown.
    func explain(_ customer: String) throws -> ExplanationReport {
        let admin = try Admin(settings.client, logger: CommandLog.logger("explain"))
        let topic = settings.topics.name(TopicName.interactions)
        guard let found = try admin.topics().first(where: { $0.name == topic }) else {
            throw StageFailure.missingTopic(topic)
        }
        let first = Murmur2.topicPartition(Array(customer.utf8), of: found.topicPartitions)
        var known: Int64 = 0
        for number in [first] + (0..<found.topicPartitions).filter({ $0 != first }) {
            let state = try read(TaskPlace(number: number, count: found.topicPartitions), topic, admin)
            if let (explanation, asOf) = state.processor.explain(customer: customer.utf8Span.span.bytes) {
                if let missing = state.missing {
                    Output.endProgress()
                    Output.note(
                        "\(topic) [\(number)]: offsets \(missing.lowerBound) to \(missing.upperBound - 1) are gone "
                            + "and in no snapshot; what they said is missing here")
                }
                return ExplanationReport(customer, explanation, partitions: partitions.names, asOf: asOf)
            }
            known += state.processor.report.customers
        }
        throw ExplanationReport.unknown(customer, among: known)
    }

    private func read(_ place: TaskPlace, _ topic: String, _ admin: Admin) throws -> UpdaterState {
        let kept = try admin.watermarks(of: TopicPartition(topic, place.number))
        var progress: ReplayProgress?
        return try UpdaterState.read(
            settings.pipeline, partitions, settings.topics, place, kept: kept,
            on: ReplayVerify.cluster(settings)
        ) { step in
            switch step {
            case .restored(let entries):
                Output.progress("topic partition \(place.number): \(entries) entries of the snapshot")
            case .applied(let count, let total):
                if progress == nil { progress = ReplayProgress("interactions", total: Int64(total)) }
                progress?.add(count)
            }
        }
    }
}
