internal import SimulatedKafka

/// EndTxn: commits or aborts.
struct EndTxnRequest: Request {
    static let key: Int16 = 26
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 3

    private let transactionalID: String
    private let producer: ProducerIdentity
    private let isCommit: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.string()
        producer = try reader.producer()
        isCommit = try reader.bool()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let error = call.failure { () throws(ErrorCode) in
            try call.model.endTransaction(transactionalID, producer: producer, isCommit: isCommit)
        }
        out.throttleTime()
        out.error(error?.known(to: call.version, fencedSince: 2))
        out.tags()
        return true
    }
}
