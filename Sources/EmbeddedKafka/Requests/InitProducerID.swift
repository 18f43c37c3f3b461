internal import SimulatedKafka

/// InitProducerId: names a producer, and fences whoever had its transactional id before.
struct InitProducerIDRequest: Request {
    static let key: Int16 = 22
    static let versions: ClosedRange<Int16> = 0...4
    static let firstFlexible: Int16? = 2

    private let transactionalID: String?
    private let timeout: Int32
    /// Who the producer takes itself for (KIP-360).
    private let present: ProducerIdentity?

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.nullableString()
        timeout = try reader.int32()
        let named = version >= 3 ? try reader.producer() : nil
        present = named.flatMap { $0.id < 0 ? nil : $0 }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        var producer: ProducerIdentity?
        let error = call.failure { () throws(ErrorCode) in
            producer = try call.model.initProducerID(
                transactionalID: transactionalID, timeout: Int64(timeout), expecting: present)
        }
        out.throttleTime()
        out.error(error?.known(to: call.version, fencedSince: 4))
        out.int64(producer?.id ?? -1)
        out.int16(producer?.epoch ?? -1)
        out.tags()
        return true
    }
}

extension ErrorCode {
    /// Old versions know a fenced producer as one with an invalid epoch.
    func known(to version: Int16, fencedSince: Int16) -> ErrorCode {
        self == .producerFenced && version < fencedSince ? .invalidProducerEpoch : self
    }
}
