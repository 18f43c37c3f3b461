public import Contracts

extension AffinityEngine {
    /// The bytes of the customer of the last change or access; empty if there is none.
    public var lastTouched: RawSpan {
        @_lifetime(borrow self)
        get {
            guard let touched else { return RawSpan() }
            return table.key(touched)
        }
    }

    /// Fills `change` with the last touched customer's published vector, unchanged, under a new sequence;
    /// false when the engine knows no customer. For carrying event time downstream when nothing changes.
    ///
    /// If the last touched customer was forgotten, the one with the latest access takes its place, at equal
    /// times the first in the order of their bytes.
    public mutating func republishLast(time: EventTime, into change: inout VectorChange) -> Bool {
        guard let place = touched ?? latest() else { return false }
        touched = place
        fill(&change.before, place, customers[place])
        fill(&change.after, place, customers[place])
        var customer = customers[place]
        change.access = nil
        stamp(&change, &customer, EventClock.clamp(time))
        noteChange(place, &customer)
        customers[place] = customer
        return true
    }

    /// Makes the customer's vectors, decides whether they are to be published and fills `change` if so.
    ///
    /// An access from elsewhere than home is always published: those who forecast demand count them, and what
    /// they see is the first sign of a shift.
    mutating func settle(
        _ place: Int, _ customer: inout Customer, at time: EventTime, forced: Bool,
        access: PartitionIndex? = nil, into change: inout VectorChange
    ) -> Observation {
        touched = place
        let isRemote = access.map { $0 != customer.home } ?? false
        if !isToPublish(place, customer, forced: forced || isRemote) { return .unchanged }
        change.access = access
        fill(&change.before, place, customer)
        markHigh(&customer)
        blend.round(into: &change.after)
        let silence = customer.accesses == 0 ? 0 : max(0, time - customer.lastTime)
        keep(place, &customer, &change.after, silence)
        stamp(&change, &customer, time)
        return .changed
    }

    /// Makes the customer's vectors, and says whether they are to be published.
    private mutating func isToPublish(_ place: Int, _ customer: borrowing Customer, forced: Bool) -> Bool {
        forecast(place, customer, at: nil)
        keepForecast(place)
        blend.condense()
        if forced { return true }
        if customer.sequence == 0 { return true }
        if isFarFromPublished(place, customer) { return true }
        return isHighChanged(customer.slots)
    }

    private mutating func isFarFromPublished(_ place: Int, _ customer: borrowing Customer) -> Bool {
        if customer.stage != customer.publishedStage { return true }
        if Int(customer.publishedTopNext) != blend.topNext { return true }
        if Int(customer.publishedTopShare) != blend.topShare { return true }
        let distances = blend.distances(next: published.next(place), share: published.share(place))
        let limit = Float(configuration.publishDistance) * Float(probabilityOne)
        return distances.next > limit || distances.share > limit
    }

    /// Whether a slot's partition is high now, by the share in `blend`.
    @inline(__always)
    private mutating func isHigh(_ slot: Slot) -> Bool {
        let share = blend.share[Int(slot.partition)]
        let limit = slot.isHigh ? configuration.highLeave : configuration.highEnter
        let units = Float(limit) * Float(probabilityOne)
        return slot.isHigh ? share >= units : share > units
    }

    private mutating func isHighChanged(_ slots: Block) -> Bool {
        var isTopKnown = false
        for i in slots.range {
            let slot = history.slots.elements[i]
            if isHigh(slot) != slot.isHigh { return true }
            if Int(slot.partition) == blend.topShare { isTopKnown = true }
        }
        return !isTopKnown && isHigh(Slot(partition: PartitionIndex(blend.topShare)))
    }

    private mutating func markHigh(_ customer: inout Customer) {
        let top = PartitionIndex(blend.topShare)
        if isHigh(Slot(partition: top)) { _ = history.slot(top, &customer) }
        for i in customer.slots.range {
            history.setHigh(isHigh(history.slots.elements[i]), at: i)
        }
    }

    /// Fills `vector` with what was last published of the customer; all zero if nothing was.
    @inline(__always)
    private mutating func fill(_ vector: inout AffinityVector, _ place: Int, _ customer: borrowing Customer) {
        published.copy(place, into: &vector)
        listHigh(customer.slots, &vector.high)
        vector.rateMilli = customer.publishedRateMilli
        vector.volume = customer.publishedVolume
    }

    /// Completes `vector` and keeps it as the customer's last published one.
    private mutating func keep(
        _ place: Int, _ customer: inout Customer, _ vector: inout AffinityVector, _ silence: Int64
    ) {
        listHigh(customer.slots, &vector.high)
        vector.rateMilli = rhythm.rateMilli(customer, silence: silence)
        vector.volume = rhythm.volume(customer, rateMilli: vector.rateMilli)
        published.keep(vector, place)
        customer.publishedRateMilli = vector.rateMilli
        customer.publishedVolume = vector.volume
        customer.publishedTopNext = PartitionIndex(blend.topNext)
        customer.publishedTopShare = PartitionIndex(blend.topShare)
        customer.publishedStage = customer.stage
    }

    private mutating func stamp(_ change: inout VectorChange, _ customer: inout Customer, _ time: EventTime) {
        change.hasBefore = customer.sequence > 0
        customer.sequence += 1
        change.sequence = customer.sequence
        change.time = time
        change.home = customer.home
        change.stage = customer.stage
    }

    /// Lists the customer's high partitions, ascending.
    private mutating func listHigh(_ slots: Block, _ list: inout [PartitionIndex]) {
        list.removeAll(keepingCapacity: true)
        for i in slots.range where history.slots.elements[i].isHigh {
            let partition = history.slots.elements[i].partition
            var at = list.count
            list.append(partition)
            while at > 0, list[at - 1] > partition {
                list[at] = list[at - 1]
                at -= 1
            }
            list[at] = partition
        }
    }

    private func latest() -> Int? {
        var best: Int?
        for place in 0..<table.places where table.key(place).byteCount > 0 {
            guard let other = best else {
                best = place
                continue
            }
            let (a, b) = (customers[place].lastTime, customers[other].lastTime)
            if a > b || (a == b && KeyOrder.precedes(table.key(place), table.key(other))) { best = place }
        }
        return best
    }
}
