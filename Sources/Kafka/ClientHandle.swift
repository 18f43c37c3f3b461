internal import CRdkafka
internal import Logging

/// One librdkafka instance with its callbacks, destroyed with this object.
///
/// librdkafka has a single opaque pointer for all callbacks: it points to the `CallbackSink` held here, which
/// therefore outlives the instance.
final class ClientHandle {
    let native: OpaquePointer
    let sink: CallbackSink
    /// Whether it has a transactional id.
    let isTransactional: Bool
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
        isTransactional = configuration.settings["transactional.id"] != nil
    }

    /// Ends the instance's threads and connections, which may never be over: after `endMilliseconds` they are left
    /// behind, with the sink that their callbacks refer to.
    ///
    /// `prepare` runs before that, within the same time; without `closesConsumer` a consumer ends as if its process
    /// had died, without a word to its group.
    func destroy(
        closesConsumer: Bool = true, _ prepare: @escaping @Sendable (OpaquePointer) -> Void = { _ in }
    ) {
        if isDestroyed { return }
        isDestroyed = true
        // The instance is nobody else's from here on.
        nonisolated(unsafe) let native = native
        let sink = sink
        let flags = closesConsumer ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE
        let isOver = BoundedCall.run(named: "end-client", timeoutMilliseconds: Self.endMilliseconds) {
            prepare(native)
            rd_kafka_destroy_flags(native, flags)
            withExtendedLifetime(sink) {}
        }
        if !isOver {
            sink.logger.warning(
                "a Kafka client does not end within \(Self.endMilliseconds) ms; it is left behind")
        }
    }

    /// Long enough for a consumer to leave its group on a busy machine.
    private static let endMilliseconds = 2_000

    /// Leaves the instance as it is, because a call into it has not returned: with its threads and connections, and
    /// with the sink that its callbacks refer to.
    func leaveBehind() {
        if isDestroyed { return }
        isDestroyed = true
        _ = Unmanaged.passRetained(sink)
        sink.logger.warning("a Kafka client that does not return from a call is left behind")
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
