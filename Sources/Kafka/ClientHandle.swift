internal import CRdkafka

/// One librdkafka instance with its callbacks, destroyed with this object.
///
/// librdkafka has a single opaque pointer for all callbacks: it points to the `CallbackSink` held here, which
/// therefore outlives the instance.
final class ClientHandle {
    let native: OpaquePointer
    let sink: CallbackSink
    private var isDestroyed = false

    init(
        _ kind: rd_kafka_type_t, _ configuration: ClientConfiguration, _ sink: CallbackSink,
        configure: (OpaquePointer) -> Void = { _ in }
    ) throws(KafkaError) {
        let conf = try configuration.makeNative()
        sink.install(in: conf)
        configure(conf)
        var text = [CChar](repeating: 0, count: 512)
        guard let native = rd_kafka_new(kind, conf, &text, text.count) else {
            rd_kafka_conf_destroy(conf)
            let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "cannot make a Kafka client: \(reason)")
        }
        self.native = native
        self.sink = sink
    }

    /// Ends the instance's threads and connections. A consumer must have been closed before.
    func destroy() {
        if isDestroyed { return }
        isDestroyed = true
        rd_kafka_destroy(native)
    }

    deinit { destroy() }

    /// The fatal error that ended the instance, if one did.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(native, &text, text.count)
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
        let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return KafkaError(code, reason, remedy: .fatal)
    }
}
