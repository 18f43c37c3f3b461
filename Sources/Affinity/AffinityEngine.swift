public import Contracts

/// Predicts where each customer of one topic partition will be accessed next, and says when that has changed.
///
/// Pure: the same calls give the same results on every machine. Event time moves in windows. At each boundary
/// what all customers together have done becomes visible to predictions, so that within a window the order of
/// different customers does not matter to their vectors; and customers whose silence has changed their stage
/// fall due. Before each access ask `nextDue` with the access's time until it returns false, so that what
/// falls due is published before the access, however the input is cut into batches:
///
///     while engine.nextDue(at: access.time, into: &change) { publish(engine.lastTouched, change) }
///     if engine.observe(customer: key, access: access, into: &change) == .changed { publish(key, change) }
///
/// A change is published when it is the customer's first; when `next` or `share` is further than the
/// configured total variation from the last published vector; when the top of either, the set of high
/// partitions or the stage has changed. The first access in each window that is not older than the window is
/// published whatever it changed, so that event time moves downstream too; which customer that is depends on
/// the order of input.
public struct AffinityEngine {
    /// The numbers the engine works with.
    public let configuration: AffinityConfiguration
    /// How many partitions vectors are over.
    public let partitions: Int
    /// What has been counted.
    public internal(set) var counters = AffinityCounters()

    let experts: Experts
    let rhythm: Rhythm
    /// 1 for each expert of `next` that there is, and for each input of the pool.
    var nextActive: SIMD16<Float>
    var inputs: SIMD16<Float>
    /// What the experts of `share` that name one partition give it, and each other one.
    let pointPeak: Float
    let pointFloor: Float
    let isTimeKnown: Bool
    var table = CustomerTable()
    var customers: [Customer] = []
    var published: PublishedVectors
    var history: History
    var population: Population
    var pool: Pool
    var calibration = Calibration()
    /// How good forecasts were in the current window, as far as nobody has taken it.
    var quality = QualitySums()
    /// The top partition of the last forecast.
    var top = Calibration.Top()
    var forecasts: Forecasts
    var recurrence: Recurrence?
    /// How often the model was switched.
    var modelNumber: UInt32 = 0
    var isModelSaved = true
    var blend: Blend
    var scratch: Scratch
    var wheel: SilenceWheel
    var due = DueList()
    /// The end (exclusive) of the current window; before any access the beginning of time.
    var windowEnd = EventTime.min
    /// Whether an access of the current window has been published.
    var windowIsOpen = false
    /// The place of the customer of the last change or access.
    var touched: Int?
    /// Places of customers whose state is not what was last saved; some may be there twice.
    var changed: [UInt32] = []
    /// Customers forgotten since the last save.
    var forgotten: [[UInt8]] = []
    /// Where the last published vector of a customer that is restored is read into.
    var restored: AffinityVector
    /// The same of its forecast.
    var restoredCodes: [UInt16]
    /// The same of its network's state.
    var restoredState: [Float] = []

    /// An engine that knows no customer. The configuration must be valid and partitions 1 to 65,535.
    public init(configuration: AffinityConfiguration, partitions: Int) {
        precondition((1...65_535).contains(partitions), "an engine needs 1 to 65,535 partitions")
        self.configuration = configuration
        self.partitions = partitions
        isTimeKnown = configuration.isTimeKnown
        var active = SIMD16<Float>(repeating: 1)
        active[Expert.mixture.rawValue] = 0
        active[Expert.network.rawValue] = 0
        if !configuration.isTimeKnown { active[Expert.atHour.rawValue] = 0 }
        nextActive = active
        active[Expert.mixture.rawValue] = 1
        inputs = active
        var slow = SIMD8<Float>(repeating: 1)
        slow[ShareExpert.network.rawValue] = 0
        let whole = 1 + Double(partitions) * configuration.pointFloor
        pointFloor = Float(configuration.pointFloor / whole)
        pointPeak = Float((1 + configuration.pointFloor) / whole)
        population = Population(configuration, partitions: partitions, next: nextActive, share: slow)
        let stride = population.contexts.stride
        experts = Experts(configuration, stride: stride)
        rhythm = Rhythm(configuration)
        published = PublishedVectors(partitions: partitions)
        history = History(configuration)
        pool = Pool(
            partitions: partitions, stride: stride, rate: configuration.poolRate,
            samples: configuration.poolSamples, sampling: configuration.poolSampling)
        forecasts = Forecasts(partitions: partitions, hasNetwork: false)
        scratch = Scratch(stride: stride)
        blend = Blend(partitions: partitions, floor: configuration.publishFloor)
        wheel = SilenceWheel(windowMillis: configuration.windowMillis)
        restored = AffinityVector(partitions: partitions)
        restoredCodes = Array(repeating: 0, count: forecasts.width)
    }

    /// Applies one access. Fills `change` when it is to be published.
    ///
    /// A customer is 1 to 256 bytes. The home of a customer without a profile is the partition of its first
    /// access. An access older than the customer's last is applied as if it had happened with it.
    ///
    /// `now` is the time that customers share, where that is not simply the newest access: windows move no further, and
    /// no later time is published. What an access after it says counts for its own customer.
    public mutating func observe(
        customer key: RawSpan, access: Access, now: EventTime = .max, into change: inout VectorChange
    ) -> Observation {
        precondition(Int(access.partition) < partitions, "the partition is not one of the engine's")
        let time = EventClock.clamp(access.time)
        let hash = ByteHash.hash(key)
        if let place = table.find(key, hash: hash) {
            if history.contains(access.idHash, in: customers[place].ids) {
                counters.duplicates += 1
                return .duplicate
            }
            reach(min(time, now))
            let lesson = learn(place, customers[place], access, at: time)
            var customer = customers[place]
            customer.nextWeights = lesson.next
            customer.shareWeights = lesson.share
            customer.surprise = lesson.surprise
            return apply(access, time, now, place, &customer, into: &change)
        }
        reach(min(time, now))
        let place = admit(key, hash: hash, home: access.partition)
        var customer = customers[place]
        return apply(access, time, now, place, &customer, into: &change)
    }

    /// A profile says where the customer's home is. Always published, so that the order of inputs can be read
    /// from the output. Does not move event time.
    public mutating func setHome(
        customer key: RawSpan, home: PartitionIndex, time: EventTime, into change: inout VectorChange
    ) -> Observation {
        precondition(Int(home) < partitions, "the partition is not one of the engine's")
        let hash = ByteHash.hash(key)
        let place = table.find(key, hash: hash) ?? admit(key, hash: hash, home: home)
        var customer = customers[place]
        customer.home = home
        if customer.accesses == 0 { customer.last = home }
        noteChange(place, &customer)
        let result = settle(place, &customer, at: EventClock.clamp(time), forced: true, into: &change)
        customers[place] = customer
        return result
    }

    /// Forgets the customer; false if it was not known. Its accesses stay in the population's counts, which
    /// name nobody.
    public mutating func forget(customer key: RawSpan) -> Bool {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return false }
        if customers[place].wakeAt != Customer.never { wheel.remove(place, at: customers[place].wakeAt) }
        history.release(&customers[place])
        customers[place] = Customer()
        published.clear(place)
        forecasts.clear(place)
        recurrence?.clear(place)
        table.remove(place)
        if touched == place { touched = nil }
        forgotten.append(key.withUnsafeBytes { Array($0) })
        counters.customers -= 1
        return true
    }

    private mutating func admit(_ key: RawSpan, hash: UInt64, home: PartitionIndex) -> Int {
        let place = table.insert(key, hash: hash)
        if place == customers.count {
            customers.append(Customer())
            published.append()
            forecasts.append()
            recurrence?.append()
        }
        customers[place].home = home
        customers[place].last = home
        customers[place].second = home
        customers[place].nextWeights = population.nextPrior
        customers[place].shareWeights = population.sharePrior
        counters.customers += 1
        return place
    }

    /// Remembers the access and settles what is to be published.
    private mutating func apply(
        _ access: Access, _ time: EventTime, _ now: EventTime, _ place: Int, _ customer: inout Customer,
        into change: inout VectorChange
    ) -> Observation {
        let isFirst = customer.accesses == 0
        let isLate = !isFirst && time < customer.lastTime
        let gap = isFirst || isLate ? 0 : time - customer.lastTime
        if forecasts.hasNetwork {
            recurrence?.inputs.setStep(customer, access.partition, at: time, gap: gap, population)
            recurrence?.step(place, access)
        }
        let weekPart = EventClock.weekPart(time)
        population.count(access.partition)
        history.add(access, gap: gap, weekPart: weekPart, to: &customer)
        rhythm.add(gap: gap, bytes: access.bytes, to: &customer)
        customer.run = customer.last == access.partition && !isFirst ? min(customer.run, .max - 1) + 1 : 1
        customer.second = customer.last
        customer.last = access.partition
        customer.lastGap = gap
        customer.weekPart = weekPart
        customer.kind = access.kind
        customer.place = access.region &* 0x9E37_79B1 ^ access.domain
        if !isLate { customer.lastTime = time }
        customer.stage = rhythm.stage(customer, silence: 0)
        setAlarm(place, &customer)
        noteChange(place, &customer)
        counters.accesses += 1
        if isLate { counters.lateness.add(customer.lastTime - time) }
        let result = settle(
            place, &customer, at: min(customer.lastTime, now), forced: opensWindow(min(time, now)),
            access: access.partition, into: &change)
        customers[place] = customer
        return result
    }

    /// Whether an access at `time` is the first of the current window.
    private mutating func opensWindow(_ time: EventTime) -> Bool {
        if windowIsOpen || time < windowEnd - configuration.windowMillis { return false }
        windowIsOpen = true
        return true
    }
}
