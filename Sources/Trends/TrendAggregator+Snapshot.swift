public import Contracts

/// State as bytes: a record per customer and one for what they share.
///
/// An aggregator that was given back the newest record of each customer, in any order, and then the newest
/// shared one, goes on exactly as the one that wrote them. What was restored does not count as changed.
extension TrendAggregator {
    private static let version: UInt64 = 3

    /// How many customers changed, or were forgotten, since the last `takeChanges`; some may count twice.
    public var changedCustomers: Int { customers.changedCount + forgotten.count }

    /// Hands out each customer that changed since the last call, with its state, or nil if it was forgotten.
    public mutating func takeChanges(_ body: (_ customer: RawSpan, _ state: RawSpan?) -> Void) {
        var state = StateWriter()
        forgotten.sort { $0.lexicographicallyPrecedes($1) }
        for i in forgotten.indices where i == 0 || forgotten[i] != forgotten[i - 1] {
            let key = forgotten[i]
            if customers.find(key.span.bytes, hash: ByteHash.hash(key.span.bytes)) == nil {
                body(key.span.bytes, nil)
            }
        }
        forgotten.removeAll()
        customers.takeChanges { key, contribution in
            state.removeAll()
            contribution.encode(into: &state)
            body(key.span.bytes, state.written)
        }
    }

    /// Takes a customer's state over, in place of what was known of it; nil: the customer is forgotten.
    ///
    /// Throws when the bytes cannot be what `takeChanges` gave; what was known of the customer stays then.
    public mutating func restore(customer key: RawSpan, state: RawSpan?) throws(StateFailure) {
        let hash = ByteHash.hash(key)
        guard let state else {
            if let old = customers.remove(key, hash: hash), old.counts { sums.subtract(old) }
            return
        }
        var reader = StateReader(state)
        let contribution = try Contribution(&reader)
        try reader.finish()
        let row = customers.find(key, hash: hash) ?? customers.insert(key, hash: hash)
        if customers[row].counts { sums.subtract(customers[row]) }
        customers[row] = contribution
        if contribution.counts { sums.add(contribution) }
    }

    /// Writes what customers share.
    public func encodeShared(into writer: inout StateWriter) {
        writer.write(Self.version)
        writer.write(sources)
        writer.write(source)
        writer.write(grid.length)
        for time in [watermark, openEnd] {
            writer.write(time != nil)
            writer.write(time ?? 0)
        }
        writer.write(newestWindowEnd)
        writer.write(completeThrough)
        writer.write(isIdle)
        early.encode(into: &writer)
        sums.encodePublished(into: &writer)
    }

    /// Takes over what customers share: the last step, when all customers are there.
    ///
    /// Throws when the bytes cannot be what `encodeShared` wrote, or are of another source or other windows;
    /// nothing has changed then.
    public mutating func restoreShared(_ state: RawSpan) throws(StateFailure) {
        var reader = StateReader(state)
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let (sources, source): (Int32, Int32) = (try reader.read(), try reader.read())
        if sources != self.sources || source != self.source {
            throw .otherShape("source \(source) of \(sources), not \(self.source) of \(self.sources)")
        }
        let length: Int64 = try reader.read()
        if length != grid.length { throw .otherShape("windows of \(length) ms, not \(grid.length)") }
        var other = self
        other.watermark = try Self.time(&reader)
        other.openEnd = try Self.time(&reader)
        other.newestWindowEnd = try reader.read(in: WindowGrid.near, "window end")
        other.completeThrough = try reader.read(in: WindowGrid.near, "time")
        other.isIdle = try reader.read()
        other.early = try EarlyUpdates(&reader)
        try other.sums.decodePublished(&reader)
        try reader.finish()
        self = other
    }

    private static func time(_ reader: inout StateReader) throws(StateFailure) -> EventTime? {
        let isThere: Bool = try reader.read()
        let time: EventTime = try reader.read(in: WindowGrid.near, "time")
        return isThere ? time : nil
    }
}
