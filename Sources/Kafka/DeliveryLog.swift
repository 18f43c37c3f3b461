internal import CRdkafka
internal import Synchronization

/// What became of each record that a producer was given, by the order in which it was given them.
///
/// A producer with such a log throws no refusal of a single record: it notes it here and goes on with the next.
public final class DeliveryLog: Sendable {
    /// What became of a record.
    public enum Outcome: Sendable, Equatable {
        /// Nothing yet.
        case waiting
        /// It is in its topic.
        case acknowledged
        /// It is not in its topic, and would never be.
        case refused(KafkaError)
        /// It was given up. It may be in its topic.
        case unknown(KafkaError)

        /// Whether nothing more will become of it.
        public var isFinal: Bool { self != .waiting }
    }

    private struct State {
        /// How many records came before those in `outcomes`; all of them were acknowledged.
        var before = 0
        var outcomes: [Outcome] = []
        /// Outcomes from here on may be anything; those before were acknowledged.
        var head = 0
        var acknowledged = 0
        var final = 0
        var lastOutcome = ContinuousClock.now
    }

    private let state = Mutex(State())

    /// Acknowledged records that are kept at least before their memory is given back.
    private static let kept = 65_536

    /// Nothing was given yet.
    public init() {}

    /// How many records were given.
    public var given: Int { state.withLock { $0.before + $0.outcomes.count } }
    /// How many were acknowledged.
    public var acknowledged: Int { state.withLock { $0.acknowledged } }
    /// How many from the first on were acknowledged, without a gap.
    public var acknowledgedInOrder: Int { state.withLock { $0.before + $0.head } }
    /// How many were refused or given up.
    public var failed: Int { state.withLock { $0.final - $0.acknowledged } }
    /// How many are still waiting.
    public var waiting: Int { state.withLock { $0.before + $0.outcomes.count - $0.final } }
    /// When a record was acknowledged, refused or given up last.
    public var lastOutcome: ContinuousClock.Instant { state.withLock { $0.lastOutcome } }

    /// What became of the record of that number, from 0.
    public func outcome(of number: Int) -> Outcome {
        state.withLock { state in
            if number < state.before { return .acknowledged }
            let index = number - state.before
            return state.outcomes.indices.contains(index) ? state.outcomes[index] : .waiting
        }
    }

    /// Forgets all records: the next one given has the number 0. Nothing may be waiting.
    public func removeAll() { state.withLock { $0 = State() } }

    /// Takes note of records about to be given; answers the number of the first.
    func begin(_ count: Int) -> Int {
        state.withLock { state in
            let first = state.before + state.outcomes.count
            if state.outcomes.count == state.final - state.before { state.lastOutcome = .now }
            state.outcomes.append(contentsOf: repeatElement(.waiting, count: count))
            return first
        }
    }

    /// Notes the outcome of a record that was waiting.
    func note(_ outcome: Outcome, of number: Int) {
        state.withLock { state in
            let index = number - state.before
            guard state.outcomes.indices.contains(index), !state.outcomes[index].isFinal else { return }
            state.outcomes[index] = outcome
            state.final += 1
            state.lastOutcome = .now
            if outcome == .acknowledged { state.acknowledged += 1 }
            while state.head < state.outcomes.count, state.outcomes[state.head] == .acknowledged {
                state.head += 1
            }
            if state.head >= Self.kept, state.head > state.outcomes.count / 2 {
                state.outcomes.removeFirst(state.head)
                state.before += state.head
                state.head = 0
            }
        }
    }

    /// Notes that a record failed.
    func note(_ error: KafkaError, of number: Int) {
        note(Self.refusals.contains(error.code) ? .refused(error) : .unknown(error), of: number)
    }

    /// What says that a record itself cannot be taken; anything else is of the cluster or the client.
    static let refusals = Set(
        [
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
            RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
        ].map(\.rawValue))

    /// How a record's number goes through librdkafka: as a pointer that is never followed. Nil is none.
    static func tag(_ number: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: number + 1)
    }

    /// The number that a record came back with.
    static func number(_ tag: UnsafeMutableRawPointer?) -> Int? { tag.map { Int(bitPattern: $0) - 1 } }
}
