public import Kafka

/// A call of a simulated client that would reach the cluster.
public struct Operation: Sendable, Equatable {
    /// Which request it is.
    public enum Call: Sendable, Equatable {
        /// The name of a request.
        case metadata, describeGroup, produce, fetch, joinGroup, syncGroup, heartbeat, leaveGroup
        /// Of offsets, outside of transactions.
        case commitOffsets, fetchOffsets
        /// Of a log's ends.
        case listOffsets
        /// Of a producer.
        case initProducerID, addPartitions, addOffsets, commitTransactionOffsets
        /// The end of a transaction.
        case endTransaction(isCommit: Bool)
    }

    /// Which request it is.
    public var call: Call
    /// The topic partition that it is for, if it is for one.
    public var place: TopicPartition?
    /// The client's name.
    public var client: String
    /// Whether a producer asks that has a transactional id.
    public var isTransactional = false
}

/// What befalls a call.
public enum Fault: Sendable, Equatable {
    /// Nothing.
    case none
    /// It has no effect and fails.
    case error(KafkaError)
    /// It has its effect, and fails for the caller.
    case lostAnswer(KafkaError)
    /// The process dies before it.
    case crashBefore
    /// The process dies after it had its effect.
    case crashAfter
    /// Before it, so many queued batches still go out; then the process dies.
    case crashFlushing(batches: Int)
}

/// Why a call of a simulated client came to nothing.
enum CallFailure: Error {
    /// A fault.
    case fault(KafkaError)
    /// The cluster's answer.
    case answer(ErrorCode)
}

extension KafkaError {
    static func timedOut(_ what: String) -> KafkaError {
        KafkaError(code: -185, reason: "\(what): timed out", remedy: .retry)
    }

    static func wrongState(_ what: String) -> KafkaError {
        KafkaError(code: -172, reason: what, remedy: .fix)
    }

    static let fenced = KafkaError(
        code: -144, reason: "fenced by a newer holder of the transactional id", remedy: .fatal)

    static let dead = KafkaError(code: -197, reason: "the process is dead", remedy: .fatal)

    static let closed = KafkaError(code: -197, reason: "the client is closed", remedy: .fatal)

    init(_ code: ErrorCode, doing: String, remedy: Remedy) {
        self.init(code: Int32(code.rawValue), reason: "\(doing): \(code)", remedy: remedy)
    }

    /// What a failed call is for the client's owner; `remedy` is that of an answer with none of its own.
    init(_ failure: CallFailure, doing: String, otherwise remedy: Remedy) {
        self =
            switch failure {
            case .fault(let error): error
            case .answer(.concurrentTransactions), .answer(.unstableOffsetCommit): .timedOut(doing)
            case .answer(.invalidProducerEpoch), .answer(.producerFenced): .fenced
            case .answer(.invalidTransactionState):
                KafkaError(.invalidTransactionState, doing: doing, remedy: .fatal)
            case .answer(let code): KafkaError(code, doing: doing, remedy: remedy)
            }
    }
}
