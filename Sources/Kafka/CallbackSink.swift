internal import CRdkafka
internal import Logging
internal import Synchronization

/// Where librdkafka's callbacks arrive: its log, its errors, statistics, rebalances and failed deliveries.
///
/// Log lines come on librdkafka's own threads; everything else inside a poll on the thread that polls. What
/// both sides touch is behind the mutex.
final class CallbackSink: Sendable {
    struct State {
        var rebalance: Rebalance?
        /// Whether librdkafka waits for the answer to a rebalance.
        var isAnswerDue = false
        var deliveryFailure: KafkaError?
        /// While the consumer closes, nobody is there to answer a rebalance.
        var isClosing = false
    }

    let logger: Logger
    let statistics: StatisticsReporter?
    /// Where the outcome of every record goes, if somebody wants to know.
    let deliveries: DeliveryLog?
    let state = Mutex(State())

    init(logger: Logger, statistics: StatisticsReporter?, deliveries: DeliveryLog? = nil) {
        self.logger = logger
        self.statistics = statistics
        self.deliveries = deliveries
    }

    /// Takes what came since the last call.
    func takeRebalance() -> Rebalance? {
        state.withLock { state in
            defer { state.rebalance = nil }
            return state.rebalance
        }
    }

    /// The consumer's owner answers the rebalance it took.
    func rebalanceAnswered() { state.withLock { $0.isAnswerDue = false } }

    /// From now on rebalances are answered here, by giving everything up: the consumer closes. Answers whether
    /// there is one that nobody has answered.
    func answerRebalances() -> Bool {
        state.withLock { state in
            state.isClosing = true
            return state.isAnswerDue
        }
    }

    /// The first delivery that failed since the last call.
    func takeDeliveryFailure() -> KafkaError? {
        state.withLock { state in
            defer { state.deliveryFailure = nil }
            return state.deliveryFailure
        }
    }

    func install(in conf: OpaquePointer) {
        rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
            guard let client, let sink = CallbackSink.from(rd_kafka_opaque(client)) else { return }
            sink.log(level, facility.map { String(cString: $0) }, text.map { String(cString: $0) })
        }
        rd_kafka_conf_set_error_cb(conf) { _, code, text, opaque in
            guard let sink = CallbackSink.from(opaque) else { return }
            sink.failed(rd_kafka_resp_err_t(rawValue: code), text.map { String(cString: $0) } ?? "")
        }
        if statistics != nil {
            rd_kafka_conf_set_stats_cb(conf) { _, json, length, opaque in
                guard let json, let sink = CallbackSink.from(opaque) else { return 0 }
                sink.statistics?.report(UnsafeRawBufferPointer(start: json, count: length))
                return 0
            }
        }
    }

    /// Rebalances are noted here and carried out by the consumer's owner, outside the callback.
    func installRebalance(in conf: OpaquePointer) {
        rd_kafka_conf_set_rebalance_cb(conf) { client, code, partitions, opaque in
            guard let client, let partitions, let sink = CallbackSink.from(opaque) else { return }
            let places = PartitionList.places(partitions)
            let incremental =
                rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
            let rebalance: Rebalance =
                if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                    .assign(places, incremental: incremental)
                } else {
                    .revoke(
                        places, incremental: incremental, lost: rd_kafka_assignment_lost(client) != 0)
                }
            if sink.state.withLock({ $0.isClosing }) {
                if incremental {
                    rd_kafka_error_destroy(rd_kafka_incremental_unassign(client, partitions))
                } else {
                    rd_kafka_assign(client, nil)
                }
                return
            }
            sink.state.withLock { state in
                state.rebalance = rebalance
                state.isAnswerDue = true
            }
        }
    }

    /// Outcomes go to the log of deliveries; without one, failures are kept for the next flush or commit.
    func installDelivery(in conf: OpaquePointer) {
        rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
            guard let message, let sink = CallbackSink.from(opaque) else { return }
            let number = sink.deliveries == nil ? nil : DeliveryLog.number(message.pointee._private)
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                if let number { sink.deliveries?.note(.acknowledged, of: number) }
                return
            }
            let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
            let error = KafkaError(
                message.pointee.err, doing: "delivery to \(topic)[\(message.pointee.partition)]")
            if let number { return sink.deliveries?.note(error, of: number) ?? () }
            sink.state.withLock { state in
                if state.deliveryFailure == nil { state.deliveryFailure = error }
            }
        }
    }

    private static func from(_ opaque: UnsafeMutableRawPointer?) -> CallbackSink? {
        opaque.map { Unmanaged<CallbackSink>.fromOpaque($0).takeUnretainedValue() }
    }

    private func log(_ level: Int32, _ facility: String?, _ text: String?) {
        let swiftLevel: Logger.Level =
            switch level {
            case ...2: .critical
            case 3: .error
            case 4: .warning
            case 5: .notice
            case 6: .info
            default: .debug
            }
        logger.log(level: swiftLevel, "\(text ?? "")", metadata: ["facility": "\(facility ?? "")"])
    }

    private func failed(_ code: rd_kafka_resp_err_t, _ text: String) {
        let error = KafkaError(
            code, text, remedy: code == RD_KAFKA_RESP_ERR__FATAL ? .fatal : .retry)
        logger.warning("\(error)")
    }
}
