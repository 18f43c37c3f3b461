import Contracts

/// Where customers have been: slots, transitions, hours and recent ids, in pools that all customers share.
struct History {
    private(set) var slots = BlockPool<Slot>(filler: Slot())
    private(set) var transitions: SparseRows
    private(set) var contexts: SparseRows
    private(set) var hours: SparseRows
    private var ids = BlockPool<UInt64>(filler: 0)
    private let idsMax: Int
    private let decay: Decay

    init(_ configuration: AffinityConfiguration) {
        let rowFade = Decay.factor(halfLife: configuration.rowHalfLife)
        transitions = SparseRows(limit: configuration.transitionsMax, fade: rowFade)
        contexts = SparseRows(limit: configuration.contextsMax, fade: rowFade)
        hours = SparseRows(limit: configuration.hoursMax, fade: 1)
        idsMax = configuration.recentIdsMax
        decay = Decay(configuration)
    }

    /// Bytes held, used or not.
    var bytes: Int {
        slots.bytes + transitions.pool.bytes + contexts.pool.bytes + hours.pool.bytes + ids.bytes
    }

    /// Whether the id is one of a customer's recent ones.
    func contains(_ id: UInt64, in recent: Block) -> Bool {
        for i in recent.range where ids.elements[i] == id { return true }
        return false
    }

    /// Adds an access, `gap` milliseconds after the last one, to everything remembered of the customer.
    mutating func add(_ access: Access, gap: Int64, weekPart: UInt8, to customer: inout Customer) {
        remember(access.idHash, &customer)
        if customer.accesses > 0 {
            transitions.add(customer.last, access.partition, to: &customer.transitions)
            contexts.add(Contexts.row(customer), access.partition, to: &customer.contexts)
            hours.add(UInt16(customer.weekPart), access.partition, to: &customer.hours)
        }
        hours.add(UInt16(weekPart) + EventClock.weekParts, access.partition, to: &customer.hours)
        let factors = decay.factors(gap: gap)
        for i in customer.slots.range { slots.elements[i].counts *= factors }
        customer.mass = customer.mass * factors + 1
        slots.elements[slot(access.partition, &customer)].counts += 1
    }

    /// Marks the slot at a place as high or not.
    mutating func setHigh(_ isHigh: Bool, at place: Int) { slots.elements[place].isHigh = isHigh }

    /// The place of the customer's slot at a partition, made if there is none.
    mutating func slot(_ partition: PartitionIndex, _ customer: inout Customer) -> Int {
        for i in customer.slots.range where slots.elements[i].partition == partition { return i }
        slots.append(Slot(partition: partition), to: &customer.slots)
        return customer.slots.range.upperBound - 1
    }

    /// Gives back all that is remembered of the customer.
    mutating func release(_ customer: inout Customer) {
        slots.release(&customer.slots)
        transitions.release(&customer.transitions)
        contexts.release(&customer.contexts)
        hours.release(&customer.hours)
        ids.release(&customer.ids)
    }

    private mutating func remember(_ id: UInt64, _ customer: inout Customer) {
        if Int(customer.ids.count) < idsMax {
            ids.append(id, to: &customer.ids)
        } else {
            ids.elements[Int(customer.ids.start) + Int(customer.oldestId)] = id
            customer.oldestId = (customer.oldestId + 1) % UInt16(idsMax)
        }
    }
}

/// As bytes.
extension History {
    /// Writes all that is remembered of a customer.
    func encode(_ customer: Customer, into state: inout StateWriter) {
        state.write(customer.slots.count)
        for i in customer.slots.range {
            let slot = slots.elements[i]
            state.write(UInt32(slot.partition) << 1 | (slot.isHigh ? 1 : 0))
            state.write(bits: slot.counts)
        }
        transitions.encode(customer.transitions, into: &state)
        contexts.encode(customer.contexts, into: &state)
        hours.encode(customer.hours, into: &state)
        state.write(customer.ids.count)
        state.write(bits: ids.elements.span.extracting(customer.ids.range))
    }

    /// Reads what `encode` wrote into a customer of whom nothing is remembered yet.
    mutating func decode(
        _ reader: inout StateReader, into customer: inout Customer, partitions: Int
    ) throws(StateFailure) {
        let count = try reader.count(limit: min(partitions, 32_768), "slots")
        if count > 0 { slots.reserve(count, for: &customer.slots) }
        var sum: Float = 0
        for _ in 0..<count {
            var slot = Slot()
            let place = try reader.count(limit: 2 * partitions - 1, "slot")
            slot.partition = PartitionIndex(truncatingIfNeeded: place >> 1)
            slot.isHigh = place & 1 == 1
            slot.counts = try reader.read(bits: Fading.self)
            if !slot.counts.isSane { throw .outOfRange("a count") }
            sum += slot.counts[2]
            slots.append(slot, to: &customer.slots)
        }
        // Shares are counts over their sum: one that does not fit would give shares beyond 1. At the longest
        // half-lives rounding alone takes the two apart by over a hundredth.
        if !customer.mass.isSane || abs(customer.mass[2] - sum) > 0.05 * max(1, sum) {
            throw .outOfRange("a sum of counts")
        }
        try transitions.decode(&reader, rows: partitions, columns: partitions, to: &customer.transitions)
        try contexts.decode(&reader, rows: 65_536, columns: partitions, to: &customer.contexts)
        try hours.decode(
            &reader, rows: 2 * Int(EventClock.weekParts), columns: partitions, to: &customer.hours)
        let idCount = try reader.count(limit: idsMax, "ids")
        if idCount > 0 { ids.reserve(idCount, for: &customer.ids) }
        for _ in 0..<idCount { ids.append(try reader.read(bits: UInt64.self), to: &customer.ids) }
    }
}

extension Fading {
    /// Whether these can be counts.
    fileprivate var isSane: Bool {
        all(self .>= 0) && all(self .< 1e9)
    }
}
