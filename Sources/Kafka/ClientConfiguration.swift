internal import CRdkafka

/// How to reach a cluster: any setting of librdkafka by its own name.
///
/// See librdkafka's CONFIGURATION.md for the names: `bootstrap.servers`, `security.protocol`,
/// `sasl.username`, `ssl.ca.location`, ... A later `setting` wins over an earlier one.
public struct ClientConfiguration: Sendable, Equatable {
    /// The settings by name.
    public var settings: [String: String]

    /// A client of the cluster at `brokers` ("host:port,host:port").
    public init(brokers: String, settings: [String: String] = [:]) {
        self.settings = settings
        self.settings["bootstrap.servers"] = brokers
    }

    /// The brokers to start from.
    public var brokers: String { settings["bootstrap.servers"] ?? "" }

    /// The same with `changes` on top.
    public func setting(_ changes: [String: String]) -> ClientConfiguration {
        var copy = self
        copy.settings.merge(changes) { _, new in new }
        return copy
    }

    /// The same with `defaults` below: what is set already stays.
    public func defaulting(_ defaults: [String: String]) -> ClientConfiguration {
        var copy = self
        copy.settings.merge(defaults) { old, _ in old }
        return copy
    }

    /// Throws the first setting that librdkafka does not take, with its reason. Clients check more when they are made:
    /// settings that contradict each other, files that are missing.
    public func validate() throws(KafkaError) { rd_kafka_conf_destroy(try makeNative()) }

    /// The version of librdkafka: which settings there are depends on it.
    public static var libraryVersion: String { String(cString: rd_kafka_version_str()) }

    /// A librdkafka configuration object; the caller owns it until a client takes it over.
    func makeNative() throws(KafkaError) -> OpaquePointer {
        guard let native = rd_kafka_conf_new() else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "could not allocate a configuration")
        }
        // In order of name, so that the first error reported does not change from run to run.
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            do {
                try Self.set(name, value, in: native)
            } catch {
                rd_kafka_conf_destroy(native)
                throw error
            }
        }
        return native
    }

    private static func set(_ name: String, _ value: String, in native: OpaquePointer) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        if rd_kafka_conf_set(native, name, value, &text, text.count) != RD_KAFKA_CONF_OK {
            let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "setting '\(name)': \(reason)")
        }
    }
}
