internal import Kafka
internal import NIOCore
internal import SimulatedKafka

/// Produce: appends batches, as they are.
struct ProduceRequest: Request {
    static let key: Int16 = 0
    static let versions: ClosedRange<Int16> = 3...9
    static let firstFlexible: Int16? = 9

    private let transactionalID: String?
    private let acks: Int16
    private let topics: [(name: String, parts: [(number: Int32, records: ByteBuffer?)])]

    var isAnswered: Bool { acks != 0 }

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.nullableString()
        acks = try reader.int16()
        _ = try reader.int32()
        topics = try reader.structs { reader throws(WireError) in
            (
                name: try reader.string(),
                parts: try reader.structs { reader throws(WireError) in
                    (number: try reader.int32(), records: try reader.nullableBytes())
                }
            )
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.structs(topics) { out, topic in
            out.string(topic.name)
            out.structs(topic.parts) { out, part in
                let place = TopicPartition(topic.name, part.number)
                let appended = append(part.records, to: place, call)
                out.int32(part.number)
                out.error(appended.error)
                out.int64(appended.offset)
                out.int64(appended.time)
                if call.version >= 5 { out.int64(call.model.startOffset(place)) }
                if call.version >= 8 {
                    out.structs([]) { (_: inout WireWriter, _: Int) in }
                    out.string(appended.reason)
                }
            }
        }
        out.throttleTime()
        out.tags()
        return true
    }

    private func append(_ records: ByteBuffer?, to place: TopicPartition, _ call: Call)
        -> (offset: Int64, time: Int64, error: ErrorCode?, reason: String?)
    {
        do throws(BatchError) {
            guard var records else { throw BatchError(.corruptMessage, "no records") }
            let batch = try RecordBatch.read(&records, now: call.broker.appendTime(for: place.topic))
            if records.readableBytes > 0 { throw BatchError(.invalidRecord, "more than one batch") }
            try checkKeys(of: batch, for: place.topic, call)
            do throws(ErrorCode) {
                try call.check()
                try call.broker.checkMemory()
                let offset = try call.model.produce(batch, to: place, transactionalID: transactionalID)
                if place.topic == call.broker.limits.faultTopic { call.broker.obey(batch) }
                return (offset, call.broker.appendTime(for: place.topic) ?? -1, nil, nil)
            } catch {
                throw BatchError(error, nil)
            }
        } catch {
            return (-1, -1, error.code, error.reason)
        }
    }

    /// A compacted topic needs keys.
    private func checkKeys(of batch: EncodedBatch, for topic: String, _ call: Call) throws(BatchError) {
        guard call.model.isCompacted(topic) else { return }
        let hasKeys: Bool
        do {
            hasKeys = try !WireBatchRecoder(call.broker.limits).hasRecordWithoutKey(batch)
        } catch {
            throw (error as? BatchError) ?? BatchError(.invalidRecord, "\(error)")
        }
        if !hasKeys { throw BatchError(.invalidRecord, "a compacted topic takes no record without a key") }
    }
}
