import Contracts

/// Orders that wait for their window.
///
/// An order counts into the first window that the telemetry had not left behind when the order came: both
/// stand in one log, so every replay finds the same window. Where the telemetry is idle, planning may be ahead
/// of it; then it is the next window that is planned.
struct OrderQueue: Sendable {
    /// An order, and the number by which its giver knows it.
    struct Entry: Sendable, Equatable {
        var number: Int64
        var order: ShadowOrder
        /// End of the first window it may count into.
        var windowEnd: EventTime
    }

    /// First come first.
    private(set) var entries: [Entry] = []

    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// End of the first window with an order.
    var nextEnd: EventTime? { entries.first?.windowEnd }

    /// Takes out those that count into the window that ends at `end`. Ends rise with the telemetry, so they
    /// come first.
    mutating func take(through end: EventTime) -> [Entry] {
        let due = Array(entries.prefix { $0.windowEnd <= end })
        entries.removeFirst(due.count)
        return due
    }
}

/// As bytes.
extension OrderQueue {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(entries.count))
        for entry in entries {
            state.write(entry.number)
            state.write(entry.windowEnd)
            state.write(entry.order.time)
            state.write(UInt8(OrderKind.allCases.firstIndex(of: entry.order.kind) ?? 0))
            state.write(entry.order.source)
            state.write(entry.order.target)
            for text in [entry.order.id, entry.order.by, entry.order.reason] {
                state.write(text.utf8Span.span.bytes)
            }
        }
    }

    init(_ reader: inout StateReader, partitions: Int) throws(StateFailure) {
        for _ in 0..<(try reader.count(limit: PlannerConfiguration.waitingOrdersMax, "orders")) {
            let number: Int64 = try reader.read()
            let windowEnd = try reader.read(in: WindowGrid.near, "window end")
            let time: EventTime = try reader.read()
            let kind: UInt8 = try reader.read()
            guard Int(kind) < OrderKind.allCases.count else { throw .outOfRange("an order") }
            let source: PartitionIndex = try reader.index(below: partitions, "partition")
            let target: PartitionIndex = try reader.index(below: partitions, "partition")
            let order = ShadowOrder(
                id: try Self.text(&reader), time: time, kind: OrderKind.allCases[Int(kind)], source: source,
                target: target, by: try Self.text(&reader), reason: try Self.text(&reader))
            entries.append(Entry(number: number, order: order, windowEnd: windowEnd))
        }
    }

    private static func text(_ reader: inout StateReader) throws(StateFailure) -> String {
        String(decoding: try reader.readBytes(), as: UTF8.self)
    }
}
