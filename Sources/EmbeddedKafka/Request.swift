internal import Kafka
internal import SimulatedKafka

/// One kind of request: how it is read and what is answered.
///
/// A value of it is one request. Answering is a single step that may be repeated: as long as it says `false`
/// the request waits, nothing of what it wrote counts, and it is asked again when something changed that it
/// waits for, or when its time is up.
protocol Request: SendableMetatype {
    /// Its number in Kafka's protocol.
    static var key: Int16 { get }
    /// The versions that are answered.
    static var versions: ClosedRange<Int16> { get }
    /// The version since which the encoding is flexible; nil if none is.
    static var firstFlexible: Int16? { get }

    /// Reads the body.
    init(from reader: inout WireReader, version: Int16) throws(WireError)

    /// Writes the body of the response; false if it has to wait.
    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool

    /// What it waits for once `answer` said `false`.
    var wait: Wait { get }

    /// Whether the client expects a response.
    var isAnswered: Bool { get }
}

extension Request {
    var wait: Wait { Wait(milliseconds: 0, on: .nothing) }
    var isAnswered: Bool { true }
    static var firstFlexible: Int16? { nil }

    static func isFlexible(_ version: Int16) -> Bool { firstFlexible.map { version >= $0 } ?? false }
}

/// What a request waits for, and how long at most.
struct Wait {
    enum Subject {
        case nothing
        /// New data in one of these.
        case places(Set<TopicPartition>)
        /// Anything about a consumer group.
        case group(String)
    }

    /// After so long it is answered with what there is; nil if only the subject ends it.
    var milliseconds: Int64?
    var subject: Subject

    init(milliseconds: Int64?, on subject: Subject) {
        self.milliseconds = milliseconds
        self.subject = subject
    }
}

/// Who asks, and what they ask.
struct Call {
    let broker: Broker
    let version: Int16
    /// The client's name for itself.
    let clientID: String
    /// Where it connects from.
    let host: String
    /// Whether its time is up: it must be answered now.
    var isDue = false
    /// The error it is to be answered with, for tests of clients.
    var injected: ErrorCode?

    var model: ClusterModel { broker.model }

    /// To be called before anything is done.
    func check() throws(ErrorCode) {
        if let injected { throw injected }
    }

    /// The error that `body` throws, if it does.
    func failure(_ body: () throws(ErrorCode) -> Void) -> ErrorCode? {
        do throws(ErrorCode) {
            try check()
            try body()
            return nil
        } catch {
            return error
        }
    }
}

/// Every kind of request that is answered, by its number.
enum RequestKinds {
    static let all: [any Request.Type] = [
        ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, MetadataRequest.self,
        OffsetCommitRequest.self, OffsetFetchRequest.self, FindCoordinatorRequest.self, JoinGroupRequest.self,
        HeartbeatRequest.self, LeaveGroupRequest.self, SyncGroupRequest.self, ApiVersionsRequest.self,
        InitProducerIDRequest.self, AddPartitionsToTxnRequest.self, AddOffsetsToTxnRequest.self,
        EndTxnRequest.self, TxnOffsetCommitRequest.self, CreateTopicsRequest.self, DeleteTopicsRequest.self,
        CreatePartitionsRequest.self, DeleteRecordsRequest.self, DescribeConfigsRequest.self,
        AlterConfigsRequest.self, IncrementalAlterConfigsRequest.self, DescribeGroupsRequest.self,
        ListGroupsRequest.self, DeleteGroupsRequest.self, OffsetDeleteRequest.self,
        OffsetForLeaderEpochRequest.self, DescribeClusterRequest.self,
    ]

    /// The name in Kafka's protocol, by which faults are asked for.
    static func name(of kind: any Request.Type) -> String {
        "\(kind)".replacing("Request", with: "").replacing("ProducerID", with: "ProducerId")
    }

    static let byKey: [Int16: any Request.Type] = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
}
