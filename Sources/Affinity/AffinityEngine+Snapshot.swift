public import Contracts

/// State as bytes: a record per customer, one of the model if it was ever switched, and one for what customers
/// share.
///
/// An engine that was given back the newest record of each customer, in any order but after a record of the model
/// that was saved before it, and then the newest shared one, goes on exactly as the one that wrote them: its
/// places in tables and pools may differ, which nothing that it publishes depends on. What was restored does not
/// count as changed.
extension AffinityEngine {
    private static let version: UInt64 = 5
    /// What customers share as it was before there were sums of quality: they start at zero then.
    private static let versionWithoutQuality: UInt64 = 4

    /// How many customers changed, or were forgotten, since the last `takeChanges`; some may count twice, and
    /// another model counts as one more.
    public var changedCustomers: Int { changed.count + forgotten.count + (isModelSaved ? 0 : 1) }

    /// Hands out each customer that changed since the last call, with its state, or nil if it was forgotten.
    ///
    /// The model comes first, if it was switched; then customers in the order in which they first changed, then
    /// those that were forgotten in the order of their bytes. Whatever falls due must have been taken with
    /// `nextDue` before: what still waits is in no record, so that is a precondition.
    public mutating func takeChanges(_ body: (_ customer: RawSpan, _ state: RawSpan?) -> Void) {
        precondition(due.isEmpty, "a snapshot while customers are due")
        var state = StateWriter()
        if !isModelSaved {
            isModelSaved = true
            encodeModel(into: &state)
            body([Self.modelKey].span.bytes, state.written)
        }
        for place in changed where customers[Int(place)].isChanged {
            customers[Int(place)].isChanged = false
            state.removeAll()
            encode(Int(place), into: &state)
            body(table.key(Int(place)), state.written)
        }
        forgotten.sort { KeyOrder.precedes($0.span.bytes, $1.span.bytes) }
        for i in forgotten.indices where i == 0 || forgotten[i] != forgotten[i - 1] {
            let key = forgotten[i]
            if table.find(key.span.bytes, hash: ByteHash.hash(key.span.bytes)) == nil {
                body(key.span.bytes, nil)
            }
        }
        changed.removeAll(keepingCapacity: true)
        forgotten.removeAll()
        population.contexts.takeChanges { context, counts in
            var key = [Self.contextKey]
            for i in 0..<8 { key.append(UInt8(truncatingIfNeeded: context >> (8 * i))) }
            body(key.span.bytes, counts)
        }
    }

    /// What the key of a context begins with: no UTF-8 text does, so no customer's key.
    private static let contextKey: UInt8 = 0xFF

    /// The context that a key names, if it names one.
    private static func context(_ key: RawSpan) -> UInt64? {
        guard key.byteCount == 9, key.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == contextKey else {
            return nil
        }
        return (0..<8).reduce(0) {
            $0 | UInt64(key.unsafeLoad(fromByteOffset: $1 + 1, as: UInt8.self)) << (8 * $1)
        }
    }

    /// Takes a customer's state over, in place of what was known of it; nil: the customer is forgotten.
    ///
    /// Throws when the bytes cannot be what `takeChanges` gave; the customer is unknown then.
    public mutating func restore(customer key: RawSpan, state: RawSpan?) throws(StateFailure) {
        guard (1...256).contains(key.byteCount) else {
            throw .outOfRange("a customer of \(key.byteCount) bytes")
        }
        if Self.isModel(key) { return try restoreModel(state) }
        if let context = Self.context(key) { return try population.contexts.restore(context, state) }
        let hash = ByteHash.hash(key)
        remove(key, hash: hash)
        guard let state else { return }
        var customer = Customer()
        do throws(StateFailure) {
            try decode(state, &customer)
        } catch {
            history.release(&customer)
            throw error
        }
        let place = table.insert(key, hash: hash)
        if place == customers.count {
            customers.append(Customer())
            published.append()
            forecasts.append()
            recurrence?.append()
        }
        customers[place] = customer
        published.keep(restored, place)
        forecasts.restore(place, restoredCodes)
        recurrence?.restore(place, restoredState)
        if customer.wakeAt != Customer.never { wheel.insert(place, at: customer.wakeAt) }
    }

    /// Writes what customers share.
    public func encodeShared(into writer: inout StateWriter) {
        writer.write(Self.version)
        for measure in shape { writer.write(measure.value) }
        writer.write(modelNumber)
        writer.write(counters.accesses)
        writer.write(counters.duplicates)
        counters.lateness.encode(into: &writer)
        writer.write(windowEnd)
        writer.write(windowIsOpen)
        writer.write(lastTouched)
        population.encode(into: &writer)
        pool.encode(into: &writer)
        calibration.encode(into: &writer)
        quality.encode(into: &writer)
    }

    /// Takes over what customers share: the last step, when all customers are there.
    ///
    /// Throws when the bytes cannot be what `encodeShared` wrote, or when that engine was of another shape;
    /// nothing has changed then.
    public mutating func restoreShared(_ state: RawSpan) throws(StateFailure) {
        var reader = StateReader(state)
        let version: UInt64 = try reader.read()
        guard (Self.versionWithoutQuality...Self.version).contains(version) else {
            throw .unknownVersion(version)
        }
        for measure in shape {
            let value: Int64 = try reader.read()
            if value != measure.value { throw .otherShape("\(value) \(measure.name), not \(measure.value)") }
        }
        let number: UInt32 = try reader.read()
        if number != modelNumber {
            throw .otherShape(
                "it needs the model of switch \(number); the newest that came is of \(modelNumber)")
        }
        var counters = AffinityCounters()
        counters.accesses = try reader.read(in: 0...1 << 60, "accesses")
        counters.duplicates = try reader.read(in: 0...1 << 60, "duplicates")
        counters.lateness = try LateCounts(&reader)
        counters.customers = Int64(table.count)
        let end: EventTime = try reader.read()
        let limit = EventClock.limit + configuration.windowMillis
        if end != .min, !(-limit...limit).contains(end) || end % configuration.windowMillis != 0 {
            throw .outOfRange("window end \(end)")
        }
        let isOpen: Bool = try reader.read()
        let last = try reader.readBytes()
        var population = population
        try population.restore(&reader)
        var pool = pool
        try pool.restore(&reader)
        var calibration = calibration
        try calibration.restore(&reader)
        let quality = version > Self.versionWithoutQuality ? try QualitySums(&reader) : QualitySums()
        try reader.finish()
        population.contexts.finishRestore()
        self.counters = counters
        windowEnd = end
        windowIsOpen = isOpen
        touched = table.find(last.span.bytes, hash: ByteHash.hash(last.span.bytes))
        self.population = population
        self.pool = pool
        self.calibration = calibration
        self.quality = quality
    }

    /// What state is measured by: an engine where one of these differs cannot take it over.
    private var shape: [(name: String, value: Int64)] {
        [
            ("partitions", Int64(partitions)), ("milliseconds a window", configuration.windowMillis),
            ("transitions kept", Int64(configuration.transitionsMax)),
            ("contexts kept", Int64(configuration.contextsMax)),
            ("hours kept", Int64(configuration.hoursMax)),
            ("ids kept", Int64(configuration.recentIdsMax)),
        ]
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
        state.write(customer.surprise)
        state.write(customer.lastGap)
        state.write(customer.run)
        state.write(customer.place)
        state.write(customer.kind)
        state.write(customer.second)
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
        state.write(customer.weekPart)
        state.write(customer.stage.rawValue)
        state.write(customer.publishedStage.rawValue)
        history.encode(customer, into: &state)
        state.write(modelNumber)
        state.write(UInt32(recurrence?.units ?? 0))
        state.write(bits: forecasts.codes(place))
        if let recurrence { state.write(bits: recurrence.state(place)) }
        state.write(sparse: published.next(place))
        state.write(sparse: published.share(place))
    }

    /// Reads a customer, and its last published vector into `restored`.
    private mutating func decode(_ bytes: RawSpan, _ customer: inout Customer) throws(StateFailure) {
        var reader = StateReader(bytes)
        customer.nextWeights = try reader.read(bits: SIMD16<Float>.self)
        customer.shareWeights = try reader.read(bits: SIMD8<Float>.self)
        try Self.checkWeights(customer.nextWeights.sum(), customer.nextWeights.min())
        try Self.checkWeights(customer.shareWeights.sum(), customer.shareWeights.min())
        customer.mass = try reader.read(bits: Fading.self)
        customer.bytes = try reader.read()
        customer.surprise = try reader.read()
        if !(0...20).contains(customer.surprise) { throw .outOfRange("a surprise") }
        customer.lastGap = try reader.read(in: 0...2 * EventClock.limit, "a gap")
        customer.run = try reader.read()
        customer.place = try reader.read()
        customer.kind = try reader.read()
        customer.second = try reader.index(below: partitions, "partition")
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
        customer.weekPart = try reader.index(below: Int(EventClock.weekParts), "part of the week")
        customer.stage = try Stage(&reader)
        customer.publishedStage = try Stage(&reader)
        try history.decode(&reader, into: &customer, partitions: partitions)
        try decodeNetwork(&reader, &customer)
        try reader.read(sparse: &restored.next, upTo: probabilityOne, "probability")
        try reader.read(sparse: &restored.share, upTo: probabilityOne, "probability")
        try reader.finish()
    }

    static func checkWeights(_ sum: Float, _ least: Float) throws(StateFailure) {
        if !(least >= 0 && abs(sum - 1) < 0.01) { throw .outOfRange("weights that sum to \(sum)") }
    }

    /// Takes a customer out without a word to snapshots.
    private mutating func remove(_ key: RawSpan, hash: UInt64) {
        guard let place = table.find(key, hash: hash) else { return }
        if customers[place].wakeAt != Customer.never { wheel.remove(place, at: customers[place].wakeAt) }
        history.release(&customers[place])
        customers[place] = Customer()
        published.clear(place)
        forecasts.clear(place)
        recurrence?.clear(place)
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
