internal import Contracts
internal import Kafka
internal import Trends

/// Where a copied order was.
struct OrderOrigin {
    /// Its offset in `shadow-orders`.
    var offset: Int64

    /// Nil if the record is no copy of an order.
    init?(_ record: borrowing Record) {
        guard record.hasHeaders else { return nil }
        let headers = record.headers()
        guard headers.text(CopiedRecord.headerName) == TopicName.shadowOrders else { return nil }
        offset = headers.text(CopiedRecord.offsetHeaderName).flatMap { Int64($0) } ?? record.offset
    }
}

/// An order that was not followed, as the record it was.
struct RefusedOrder {
    var record: WaitingOrders.Original
    var headers: [Header]
    /// Whether it was refused as it came, in no window.
    var isUnheard: Bool
}

/// Orders in the pipeline: what the planner decides on, and what is left of those it refuses.
extension PlannerProcessor {
    /// Takes an order. One that was copied twice counts once.
    mutating func receive(
        _ record: borrowing Record, from origin: OrderOrigin, _ tell: (PlannerEvent) -> Void
    ) throws(Rejection) {
        guard waitingOrders.isNew(origin.offset) else { return }
        guard let value = record.value else { throw Rejection(.noValue, "an order needs a value") }
        let order = try ShadowOrder(decoding: value, partitions: partitions)
        try eventTime.check(order.time, published: record.timestamp)
        let shadow = order.shadow(partitions)
        guard let key = record.key, key.withUnsafeBytes({ $0.elementsEqual(shadow.utf8) }) else {
            throw Rejection(.keyMismatch, "the key is not the shadow SOURCE>TARGET that the order names")
        }
        waitingOrders.keep(record, value, from: origin)
        planner.take(.order(order, number: origin.offset), tell)
    }

    /// Those that were decided on since, and not followed.
    mutating func takeRefused() -> [RefusedOrder] {
        planner.takeDecidedOrders().compactMap { decided in
            guard let original = waitingOrders.take(decided.number), let refusal = decided.refusal else {
                return nil
            }
            let rejection = Rejection(.orderRefused, refusal.description)
            return RefusedOrder(
                record: original,
                headers: original.headers
                    + rejection.headers(
                        topic: TopicName.shadowOrders, topicPartition: 0, offset: decided.number),
                isUnheard: refusal == .tooManyWaiting)
        }
    }
}

/// The records of the orders that wait for their window, untouched, so that a refused one can be sent on.
struct WaitingOrders: Sendable {
    /// A record's key, value and headers.
    struct Original: Sendable {
        var key: [UInt8]
        var value: [UInt8]
        var headers: [Header]
    }

    /// The offset after the newest order that was seen.
    private var next: Int64 = 0
    private var originals: [Int64: Original] = [:]

    init() {}

    mutating func isNew(_ offset: Int64) -> Bool {
        guard offset >= next else { return false }
        next = offset + 1
        return true
    }

    mutating func keep(_ record: borrowing Record, _ value: RawSpan, from origin: OrderOrigin) {
        let key = record.key?.withUnsafeBytes { Array($0) } ?? []
        originals[origin.offset] = Original(
            key: key, value: value.withUnsafeBytes { Array($0) }, headers: record.headers())
    }

    mutating func take(_ offset: Int64) -> Original? { originals.removeValue(forKey: offset) }

    func encode(into state: inout StateWriter) {
        state.write(next)
        state.write(UInt64(originals.count))
        for (offset, original) in originals.sorted(by: { $0.key < $1.key }) {
            state.write(offset)
            state.write(original.key.span.bytes)
            state.write(original.value.span.bytes)
            state.write(UInt64(original.headers.count))
            for header in original.headers {
                state.write(header.name.utf8Span.span.bytes)
                state.write(header.value != nil)
                let value = header.value ?? []
                state.write(value.span.bytes)
            }
        }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        next = try reader.read()
        for _ in 0..<(try reader.count(limit: .max, "orders")) {
            let offset: Int64 = try reader.read()
            var original = Original(
                key: try reader.readBytes(), value: try reader.readBytes(), headers: [])
            for _ in 0..<(try reader.count(limit: .max, "headers")) {
                let name = String(decoding: try reader.readBytes(), as: UTF8.self)
                let hasValue: Bool = try reader.read()
                let value = try reader.readBytes()
                original.headers.append(Header(name: name, value: hasValue ? value : nil))
            }
            originals[offset] = original
        }
    }
}
