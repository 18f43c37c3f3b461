internal import CRdkafka

/// What went wrong in Kafka or librdkafka, and what may be done about it.
public struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the caller can do about an error.
    public enum Remedy: Sendable, Equatable {
        /// The client instance is of no more use. Close it and make a new one.
        case fatal
        /// The same call may succeed later.
        case retry
        /// The current transaction cannot be committed. Abort it and send its records again.
        case abort
        /// The call cannot succeed as it is: a wrong name, a missing right, a malformed setting.
        case fix
    }

    /// librdkafka's error code: negative for errors of the client, positive for those of the broker.
    public let code: Int32
    /// librdkafka's name of the code, such as `_TIMED_OUT` or `UNKNOWN_TOPIC_OR_PART`.
    public let name: String
    /// What happened, for people.
    public let reason: String
    /// What the caller can do.
    public let remedy: Remedy

    /// An error as another implementation of `Cluster` reports it; `code` is the protocol's or librdkafka's.
    public init(code: Int32, reason: String, remedy: Remedy) {
        self.init(rd_kafka_resp_err_t(rawValue: code), reason, remedy: remedy)
    }

    /// An error that this library itself found.
    init(_ code: rd_kafka_resp_err_t, _ reason: String, remedy: Remedy = .fix) {
        self.code = code.rawValue
        self.name = String(cString: rd_kafka_err2name(code))
        self.reason = reason
        self.remedy = remedy
    }

    /// An error code of a call that says no more; `doing` tells what was tried.
    init(_ code: rd_kafka_resp_err_t, doing: String) {
        self.init(
            code, "\(doing): \(String(cString: rd_kafka_err2str(code)))",
            remedy: Self.retriable.contains(code) ? .retry : code == RD_KAFKA_RESP_ERR__FATAL ? .fatal : .fix)
    }

    /// Takes over a rich error object and destroys it.
    init(consuming error: OpaquePointer, doing: String) {
        defer { rd_kafka_error_destroy(error) }
        // Another call was begun and has not come to its end: only a new client finds out how it ended.
        let isConflict = [RD_KAFKA_RESP_ERR__CONFLICT, RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS].contains(
            rd_kafka_error_code(error))
        let remedy: Remedy =
            if rd_kafka_error_is_fatal(error) != 0 || isConflict {
                .fatal
            } else if rd_kafka_error_txn_requires_abort(error) != 0 {
                .abort
            } else if rd_kafka_error_is_retriable(error) != 0 {
                .retry
            } else {
                .fix
            }
        self.init(
            rd_kafka_error_code(error), "\(doing): \(String(cString: rd_kafka_error_string(error)))",
            remedy: remedy)
    }

    /// Whether the instance is of no more use.
    public var isFatal: Bool { remedy == .fatal }
    /// Whether the same call may succeed later.
    public var isRetriable: Bool { remedy == .retry }
    /// Whether the transaction must be aborted.
    public var requiresAbort: Bool { remedy == .abort }
    /// Whether another holder of the same transactional id, or a newer generation of the group, has taken over.
    public var isFenced: Bool { Self.fencing.contains(rd_kafka_resp_err_t(rawValue: code)) }
    /// Whether the group is being shared out anew, so that progress can only be committed after the next poll.
    public var isRebalancing: Bool { code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS.rawValue }
    /// Whether no new instance would fare better: a malformed setting, a missing topic or right, a record that
    /// is too large.
    public var isPermanent: Bool { Self.permanent.contains(rd_kafka_resp_err_t(rawValue: code)) }
    /// Whether a position is outside of what the log holds: the log was cut, or is another one.
    public var isOffsetOutOfRange: Bool {
        code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue
            || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
    }
    /// Whether another process has taken over the member's instance id.
    public var isInstanceTaken: Bool { code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID.rawValue }
    /// Whether the cluster does not know the topic, or not yet: right after its start a broker may say so of any.
    public var isUnknownTopic: Bool {
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue
            || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue
            || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue
    }
    /// Whether the topic exists already.
    public var isTopicExists: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue }
    /// Whether the message is larger than a limit of the client or the broker.
    public var isTooLarge: Bool { code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue }

    /// Name and reason.
    public var description: String { "\(reason) (\(name))" }

    private static let retriable: Set<rd_kafka_resp_err_t> = [
        RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__QUEUE_FULL,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__WAIT_COORD,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
        RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR__RESOLVE,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
    ]

    private static let permanent: Set<rd_kafka_resp_err_t> = [
        RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ]

    private static let fencing: Set<rd_kafka_resp_err_t> = [
        RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
    ]
}

/// Throws what a call answered, unless it is no error.
func check(_ code: rd_kafka_resp_err_t, doing: @autoclosure () -> String) throws(KafkaError) {
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, doing: doing()) }
}

/// Throws the rich error that a call answered, unless there is none.
func check(_ error: OpaquePointer?, doing: @autoclosure () -> String) throws(KafkaError) {
    if let error { throw KafkaError(consuming: error, doing: doing()) }
}
