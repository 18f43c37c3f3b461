public import Contracts

extension AffinityEngine {
    /// Event time of this topic partition has reached `time`: fills `change` for the next customer whose
    /// silence has changed its stage, and returns true; false when there is none left. The customer is
    /// `lastTouched`.
    ///
    /// Boundaries are taken in order, and the customers of one in the order of their bytes. Within a window
    /// this costs a comparison.
    public mutating func nextDue(at time: EventTime, into change: inout VectorChange) -> Bool {
        let time = EventClock.clamp(time)
        while true {
            while let entry = due.popFirst() {
                if wake(entry.place, at: entry.at, into: &change) { return true }
            }
            if time < windowEnd { return false }
            roll(toward: time)
        }
    }

    /// Moves to the window that `time` is in, if that is a later one.
    @inline(__always)
    mutating func reach(_ time: EventTime) {
        while time >= windowEnd { roll(toward: time) }
    }

    /// Sets the alarm for the customer's next stage, unless one is set that is early enough: one that goes
    /// off too early is set again then, one that would go off too late is moved now.
    mutating func setAlarm(_ place: Int, _ customer: inout Customer) {
        guard let silence = rhythm.silenceToNextStage(customer) else { return }
        let earliest = customer.lastTime + silence + 1
        let window = configuration.windowMillis
        if customer.wakeAt != Customer.never {
            if customer.wakeAt - window < earliest { return }
            wheel.remove(place, at: customer.wakeAt)
        }
        let boundary = EventClock.windowStart(earliest + window - 1, window)
        customer.wakeAt = min(max(boundary, windowEnd), wheel.furthest(from: windowEnd))
        wheel.insert(place, at: customer.wakeAt)
    }

    /// Passes the next boundary; all of them up to `time` where no alarm is set.
    private mutating func roll(toward time: EventTime) {
        population.freeze()
        pool.freeze(accesses: population.accesses)
        calibration.freeze()
        if quality.accesses > 0 { quality = QualitySums() }
        windowIsOpen = false
        let window = configuration.windowMillis
        if wheel.count == 0 {
            windowEnd = EventClock.windowStart(time, window) + window
            return
        }
        let boundary = windowEnd
        windowEnd += window
        var places: [Int] = []
        while let place = wheel.first(at: boundary) {
            wheel.remove(place, at: boundary)
            var customer = customers[place]
            customer.wakeAt = Customer.never
            noteChange(place, &customer)
            if rhythm.stage(customer, silence: boundary - customer.lastTime) == customer.stage {
                setAlarm(place, &customer)
            } else {
                places.append(place)
            }
            customers[place] = customer
        }
        if !places.isEmpty { due.append(places, at: boundary, table) }
    }

    /// Gives a customer whose alarm went off the stage it has now; true if that is to be published.
    private mutating func wake(_ place: Int, at boundary: EventTime, into change: inout VectorChange) -> Bool
    {
        var customer = customers[place]
        if customer.accesses == 0 || customer.wakeAt != Customer.never { return false }
        let stage = rhythm.stage(customer, silence: boundary - customer.lastTime)
        let isChanged = stage != customer.stage
        customer.stage = stage
        noteChange(place, &customer)
        setAlarm(place, &customer)
        if isChanged { _ = settle(place, &customer, at: boundary, forced: true, into: &change) }
        customers[place] = customer
        return isChanged
    }
}
