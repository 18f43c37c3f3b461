internal import Foundation
public import Metrics

/// Turns librdkafka's statistics into metrics, with the client's name as a dimension.
///
/// The JSON that librdkafka makes grows with topic partitions (73 KB at 100), so `statistics.interval.ms`
/// should be 5,000 or more.
public final class StatisticsReporter: Sendable {
    private let client: String
    private let factory: any MetricsFactory

    /// Reports under `client`, to the bootstrapped metrics system unless another is named.
    public init(client: String, factory: any MetricsFactory = MetricsSystem.factory) {
        self.client = client
        self.factory = factory
    }

    func report(_ json: UnsafeRawBufferPointer) {
        guard let base = json.baseAddress else { return }
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(bytes: base, count: json.count))
        else { return }
        gauge("kafka_client_reply_queue_operations", report.replyq)
        gauge("kafka_client_queue_messages", report.messages)
        gauge("kafka_client_queue_bytes", report.bytes)
        gauge("kafka_client_sent_messages", report.sent)
        gauge("kafka_client_sent_bytes", report.sentBytes)
        gauge("kafka_client_received_messages", report.received)
        gauge("kafka_client_received_bytes", report.receivedBytes)
        for (name, topic) in report.topics {
            let lag = topic.partitions.values.compactMap(\.lag).filter { $0 >= 0 }.reduce(0, +)
            gauge("kafka_consumer_lag_records", lag, [("topic", name)])
        }
    }

    private func gauge(_ name: String, _ value: Int64, _ more: [(String, String)] = []) {
        Gauge(label: name, dimensions: [("client", client)] + more, factory: factory).record(value)
    }

    /// The part of librdkafka's STATISTICS.md that is reported.
    private struct Report: Decodable {
        var replyq: Int64
        var messages: Int64
        var bytes: Int64
        var sent: Int64
        var sentBytes: Int64
        var received: Int64
        var receivedBytes: Int64
        var topics: [String: Topic]

        enum CodingKeys: String, CodingKey {
            case replyq
            case messages = "msg_cnt"
            case bytes = "msg_size"
            case sent = "txmsgs"
            case sentBytes = "txmsg_bytes"
            case received = "rxmsgs"
            case receivedBytes = "rxmsg_bytes"
            case topics
        }

        struct Topic: Decodable {
            var partitions: [String: Partition]
        }

        struct Partition: Decodable {
            var lag: Int64?
            enum CodingKeys: String, CodingKey { case lag = "consumer_lag" }
        }
    }
}
