internal import Kafka
internal import NIOCore
internal import SimulatedKafka

/// Fetch: batches from given offsets on; waits for new ones.
///
/// There are no incremental fetch sessions (KIP-227): every request names all it wants, as clients do when the
/// broker answers session 0.
struct FetchRequest: Request {
    static let key: Int16 = 1
    static let versions: ClosedRange<Int16> = 4...12
    static let firstFlexible: Int16? = 12

    private struct Part: NumberedPart {
        var number: Int32
        var offset: Int64
        var maximumBytes: Int
    }

    private let maximumWait: Int32
    private let minimumBytes: Int
    private let maximumBytes: Int
    private let readsCommitted: Bool
    private let topics: [TopicParts<Part>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        _ = try reader.int32()
        maximumWait = try reader.int32()
        minimumBytes = Int(try reader.int32())
        maximumBytes = Int(try reader.int32())
        readsCommitted = try reader.int8() == 1
        if version >= 7 {
            _ = try reader.int32()
            _ = try reader.int32()
        }
        topics = try reader.topics { reader throws(WireError) in
            let number = try reader.int32()
            if version >= 9 { _ = try reader.int32() }
            let offset = try reader.int64()
            if version >= 12 { _ = try reader.int32() }
            if version >= 5 { _ = try reader.int64() }
            return Part(number: number, offset: offset, maximumBytes: Int(try reader.int32()))
        }
        // Forgotten topics and the client's rack do not matter without sessions.
    }

    var wait: Wait {
        let places = topics.flatMap { topic in topic.parts.map { TopicPartition(topic.name, $0.number) } }
        return Wait(milliseconds: Int64(maximumWait), on: .places(Set(places)))
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let version = call.version
        var (bytes, hasError) = (0, false)
        let limit = min(maximumBytes, call.broker.limits.fetchBytes)
        out.throttleTime()
        if version >= 7 {
            out.error(nil)
            out.int32(0)
        }
        out.topics(topics) { out, part, place in
            let found = read(place, part, room: limit - bytes, isFirst: bytes == 0, call)
            bytes += found.byteCount
            hasError = hasError || found.error != nil
            out.int32(part.number)
            found.write(version, into: &out)
        }
        out.tags()
        return bytes >= minimumBytes || hasError || call.isDue || maximumWait <= 0
    }

    private func read(_ place: TopicPartition, _ part: Part, room: Int, isFirst: Bool, _ call: Call)
        -> FetchedPart
    {
        do throws(ErrorCode) {
            // The first batch comes whatever its size, so that clients with little room get on (KIP-74).
            try call.check()
            let answer = try call.model.fetch(
                place, from: part.offset, maximum: room > 0 || isFirst ? .max : 0,
                maximumBytes: min(part.maximumBytes, room), readsCommitted: readsCommitted)
            return FetchedPart(answer, readsCommitted: readsCommitted)
        } catch {
            return FetchedPart(error)
        }
    }
}

/// What was found in one topic partition.
private struct FetchedPart {
    var error: ErrorCode?
    var answer: FetchAnswer?
    var batches: [RecordBatch.Stored] = []
    var byteCount = 0
    var readsCommitted = false

    init(_ error: ErrorCode) { self.error = error }

    init(_ answer: FetchAnswer, readsCommitted: Bool) {
        self.answer = answer
        self.readsCommitted = readsCommitted
        batches = answer.entries.map(RecordBatch.stored)
        byteCount = batches.reduce(0) { $0 + $1.bytes.count }
    }

    func write(_ version: Int16, into out: inout WireWriter) {
        out.error(error)
        out.int64(answer?.highWatermark ?? -1)
        out.int64(answer?.lastStableOffset ?? -1)
        if version >= 5 { out.int64(answer?.start ?? -1) }
        if readsCommitted, let aborted = answer?.aborted {
            out.structs(aborted) { out, transaction in
                out.int64(transaction.producerID)
                out.int64(transaction.first)
            }
        } else {
            out.nullArray()
        }
        if version >= 11 { out.int32(-1) }
        out.bytes(count: byteCount) { buffer in
            for batch in batches { batch.write(into: &buffer) }
        }
    }
}
