import Kafka
import Streams

extension Settings {
    /// Throws if librdkafka does not take a setting, so that no client fails on it again and again. `source` says where the
    /// settings of all clients come from.
    func checkClients(_ source: String) throws {
        try Self.check(client, source)
        try Self.check(client.setting(streams.consumerSettings), "streams.consumerSettings")
        try Self.check(client.setting(streams.producerSettings), "streams.producerSettings")
    }

    private static func check(_ client: ClientConfiguration, _ source: String) throws {
        do throws(KafkaError) {
            try client.validate()
        } catch {
            throw CommandFailure.input(
                """
                \(source): \(error.reason). This is librdkafka \(ClientConfiguration.libraryVersion); a setting that only \
                a newer one knows is unknown to it
                """)
        }
    }
}
