import Contracts

/// Where customers have been: slots, transitions, hours and recent ids, in pools that all customers share.
struct History {
    private(set) var slots = BlockPool<Slot>(filler: Slot())
    private(set) var transitions: SparseRows
    private(set) var hours: SparseRows
    private var ids = BlockPool<UInt64>(filler: 0)
    private let idsMax: Int
    private let fade: Fading

    init(_ configuration: AffinityConfiguration) {
        let rowFade = Fading.factor(halfLife: configuration.rowHalfLife)
        transitions = SparseRows(limit: configuration.transitionsMax, fade: rowFade)
        hours = SparseRows(limit: configuration.hoursMax, fade: rowFade)
        idsMax = configuration.recentIdsMax
        fade = Fading(
            short: Fading.factor(halfLife: configuration.halfLifeShort),
            medium: Fading.factor(halfLife: configuration.halfLifeMedium),
            long: Fading.factor(halfLife: configuration.halfLifeLong))
    }

    /// Bytes held, used or not.
    var bytes: Int { slots.bytes + transitions.pool.bytes + hours.pool.bytes + ids.bytes }

    /// Whether the id is one of a customer's recent ones.
    func contains(_ id: UInt64, in recent: Block) -> Bool {
        for i in recent.range where ids.elements[i] == id { return true }
        return false
    }

    /// The customer's decayed counts at a partition.
    @inline(__always)
    func counts(_ customer: borrowing Customer, at partition: PartitionIndex) -> Fading {
        for i in customer.slots.range where slots.elements[i].partition == partition {
            return slots.elements[i].counts
        }
        return Fading()
    }

    /// Adds an access to everything remembered of the customer.
    mutating func add(_ access: Access, to customer: inout Customer) {
        remember(access.idHash, &customer)
        if customer.accesses > 0 {
            transitions.add(customer.last, access.partition, to: &customer.transitions)
            hours.add(customer.hour, access.partition, to: &customer.hours)
        }
        for i in customer.slots.range { slots.elements[i].counts.fade(fade) }
        customer.mass.fade(fade)
        customer.mass.add()
        slots.elements[slot(access.partition, &customer)].counts.add()
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
