public import Contracts

/// State as bytes: a record per customer and one for what customers share.
///
/// An engine that was given back the newest record of each customer, in any order, and then the newest shared
/// one, goes on exactly as the one that wrote them: its places in tables and pools may differ, which nothing
/// that it publishes depends on.
extension AffinityEngine {
    private static let version: UInt64 = 1

    /// How many customers changed, or were forgotten, since the last `takeChanges`; some may count twice.
    public var changedCustomers: Int { changed.count + forgotten.count }

    /// Hands out each customer that changed since the last call, with its state, or nil if it was forgotten.
    ///
    /// Whatever falls due must have been taken with `nextDue` before.
    public mutating func takeChanges(_ body: (_ customer: RawSpan, _ state: RawSpan?) -> Void) {
        var state = StateWriter()
        for place in changed where customers[Int(place)].isChanged {
            customers[Int(place)].isChanged = false
            state.removeAll()
            encode(Int(place), into: &state)
            body(table.key(Int(place)), state.bytes.span.bytes)
        }
        for key in forgotten where table.find(key.span.bytes, hash: ByteHash.hash(key.span.bytes)) == nil {
            body(key.span.bytes, nil)
        }
        changed.removeAll(keepingCapacity: true)
        forgotten.removeAll()
    }

    /// Takes a customer's state over, in place of what was known of it; nil: the customer is forgotten.
    ///
    /// Throws when the bytes cannot be what `takeChanges` gave; the customer is unknown then.
    public mutating func restore(customer key: RawSpan, state: RawSpan?) throws(StateFailure) {
        guard (1...256).contains(key.byteCount) else {
            throw .outOfRange("a customer of \(key.byteCount) bytes")
        }
        remove(key)
        guard let state else { return }
        var customer = Customer()
        do throws(StateFailure) {
            try decode(state, &customer)
        } catch {
            history.release(&customer)
            throw error
        }
        let place = table.insert(key, hash: ByteHash.hash(key))
        if place == customers.count {
            customers.append(Customer())
            published.append()
        }
        customers[place] = customer
        published.keep(restored, place)
        if customer.wakeAt != Customer.never { wheel.insert(place, at: customer.wakeAt) }
    }

    /// Writes what customers share.
    public func encodeShared(into writer: inout StateWriter) {
        writer.write(Self.version)
        writer.write(UInt64(partitions))
        writer.write(counters.accesses)
        writer.write(counters.duplicates)
        counters.lateness.encode(into: &writer)
        writer.write(windowEnd)
        writer.write(windowIsOpen)
        writer.write(lastTouched)
        population.encode(into: &writer)
    }

    /// Takes over what customers share: the last step, when all customers are there.
    public mutating func restoreShared(_ state: RawSpan) throws(StateFailure) {
        var reader = StateReader(state)
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let count: UInt64 = try reader.read()
        if count != UInt64(partitions) { throw .otherShape("\(count) partitions, not \(partitions)") }
        counters.accesses = try reader.read()
        counters.duplicates = try reader.read()
        counters.lateness = try LateCounts(&reader)
        counters.customers = Int64(table.count)
        let end: EventTime = try reader.read()
        if end != .min, end.magnitude > EventClock.limit.magnitude * 2 {
            throw .outOfRange("window end \(end)")
        }
        windowEnd = end
        windowIsOpen = try reader.read()
        let last = try reader.readBytes()
        touched = table.find(last.span.bytes, hash: ByteHash.hash(last.span.bytes))
        population = try Population(&reader, partitions: partitions, like: population)
        try reader.finish()
    }

    /// Notes that a customer's state is not what was last saved.
    @inline(__always)
    mutating func noteChange(_ place: Int, _ customer: inout Customer) {
        if customer.isChanged { return }
        customer.isChanged = true
        changed.append(UInt32(place))
    }

    private func encode(_ place: Int, into state: inout StateWriter) {
        let customer = customers[place]
        state.write(bits: customer.nextWeights)
        state.write(bits: customer.shareWeights)
        state.write(bits: customer.mass)
        state.write(customer.bytes)
        state.write(customer.gap)
        state.write(customer.lastTime)
        state.write(customer.wakeAt == Customer.never ? 0 : customer.wakeAt / configuration.windowMillis)
        state.write(customer.wakeAt != Customer.never)
        state.write(customer.sequence)
        state.write(customer.publishedRateMilli)
        state.write(customer.publishedVolume)
        state.write(customer.publishedTopNext)
        state.write(customer.publishedTopShare)
        state.write(customer.accesses)
        state.write(customer.oldestId)
        state.write(customer.home)
        state.write(customer.last)
        state.write(customer.hour)
        state.write(customer.stage.rawValue)
        state.write(customer.publishedStage.rawValue)
        history.encode(customer, into: &state)
        Self.encode(published.next(place), into: &state)
        Self.encode(published.share(place), into: &state)
    }

    /// Reads a customer, and its last published vector into `restored`.
    private mutating func decode(_ bytes: RawSpan, _ customer: inout Customer) throws(StateFailure) {
        var reader = StateReader(bytes)
        customer.nextWeights = try reader.read(bits: SIMD8<Float>.self)
        customer.shareWeights = try reader.read(bits: SIMD4<Float>.self)
        try Self.checkWeights(customer.nextWeights.sum(), customer.nextWeights.min())
        try Self.checkWeights(customer.shareWeights.sum(), customer.shareWeights.min())
        customer.mass = try reader.read(bits: Fading.self)
        customer.bytes = try reader.read()
        customer.gap = try reader.read()
        if customer.bytes < 0 || customer.gap < 0 { throw .outOfRange("a negative mean") }
        customer.lastTime = try reader.read()
        let boundary: Int64 = try reader.read()
        let isAlarmSet: Bool = try reader.read()
        let limit = EventClock.limit.magnitude
        if customer.lastTime.magnitude > limit
            || boundary.magnitude > limit / configuration.windowMillis.magnitude + 2_000
        {
            throw .outOfRange("a time")
        }
        if isAlarmSet { customer.wakeAt = boundary * configuration.windowMillis }
        customer.sequence = try reader.read()
        if customer.sequence >> 62 > 0 { throw .outOfRange("a sequence") }
        customer.publishedRateMilli = try reader.read()
        customer.publishedVolume = try reader.read()
        customer.publishedTopNext = try reader.index(below: partitions, "partition")
        customer.publishedTopShare = try reader.index(below: partitions, "partition")
        customer.accesses = try reader.read()
        customer.oldestId = try reader.index(below: configuration.recentIdsMax, "id")
        customer.home = try reader.index(below: partitions, "partition")
        customer.last = try reader.index(below: partitions, "partition")
        customer.hour = try reader.index(below: 168, "hour")
        customer.stage = try Stage(&reader)
        customer.publishedStage = try Stage(&reader)
        try history.decode(&reader, into: &customer, partitions: partitions)
        try Self.decode(&reader, into: &restored.next)
        try Self.decode(&reader, into: &restored.share)
        try reader.finish()
    }

    private static func checkWeights(_ sum: Float, _ least: Float) throws(StateFailure) {
        if !(least >= 0 && abs(sum - 1) < 0.01) { throw .outOfRange("weights that sum to \(sum)") }
    }

    /// The units that are not 0, each with its distance from the one before.
    private static func encode(_ units: Span<ProbabilityUnits>, into state: inout StateWriter) {
        var count: UInt16 = 0
        for i in 0..<units.count where units[i] > 0 { count += 1 }
        state.write(count)
        var next = 0
        for i in 0..<units.count where units[i] > 0 {
            state.write(UInt16(i - next))
            state.write(units[i])
            next = i + 1
        }
    }

    private static func decode(
        _ reader: inout StateReader, into units: inout [ProbabilityUnits]
    ) throws(StateFailure) {
        for i in units.indices { units[i] = 0 }
        let count = try reader.count(limit: units.count, "units")
        var next = 0
        for _ in 0..<count {
            let skip: UInt16 = try reader.read()
            let at = next + Int(skip)
            if at >= units.count { throw .outOfRange("partition \(at)") }
            units[at] = try reader.index(below: Int(probabilityOne) + 1, "probability")
            next = at + 1
        }
    }

    /// Takes a customer out without a word to snapshots.
    private mutating func remove(_ key: RawSpan) {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return }
        if customers[place].wakeAt != Customer.never { wheel.remove(place, at: customers[place].wakeAt) }
        history.release(&customers[place])
        customers[place] = Customer()
        published.clear(place)
        table.remove(place)
        if touched == place { touched = nil }
    }
}

extension Stage {
    fileprivate init(_ reader: inout StateReader) throws(StateFailure) {
        guard let stage = Stage(rawValue: try reader.read()) else { throw .outOfRange("a stage") }
        self = stage
    }
}
