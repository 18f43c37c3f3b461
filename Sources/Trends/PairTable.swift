import Contracts

/// What is known of a home.
struct Home: Sendable, Equatable {
    var customers: Int64 = 0
    /// Accesses that its customers are expected to make, in thousandths per day: from home, or from everywhere.
    var accesses: Int64 = 0
}

/// A home and another partition: the totals of the flow between them, and the life of the shadow there.
struct Pair: Sendable {
    /// What one trend source said of the flow last.
    struct Sums: Sendable, Equatable {
        var source: UInt16
        var highCustomers: Int64 = 0
        /// Bytes per day.
        var anticipatedVolume: Int64 = 0
        /// Thousandths per day.
        var anticipatedAccesses: Int64 = 0
        /// A running total.
        var accesses: Int64 = 0
    }

    let source: PartitionIndex
    let target: PartitionIndex
    /// By trend source, ascending.
    var sums: [Sums] = []
    /// Over all of them.
    private(set) var total = Sums(source: 0)
    /// From the first access on.
    var forecast: FlowForecast?
    var demand = Demand()
    var life = Life.none
    var hold = Hold()
    /// Of the shadow's last command; outlives retirement.
    var epoch: UInt64 = 0
    /// End of the window that brought the phase.
    var since: EventTime = 0
    /// What the world was told of it last; nil if it need not know.
    var shown: ShownForecast?

    var key: UInt32 { UInt32(source) << 16 | UInt32(target) }

    init(key: UInt32) {
        source = PartitionIndex(key >> 16)
        target = PartitionIndex(key & 0xFFFF)
    }
}

/// All pairs ever heard of, with totals over all sources.
struct PairTable: Sendable {
    private var pairs: [Pair] = []  // in the order they were first heard of
    private var index: [UInt32: Int] = [:]  // only looked up, so its order never shows
    private var changed: [Int] = []
    private var isChanged: [Bool] = []
    private(set) var homes: [Home]
    /// The places of all pairs, ordered by source, then target.
    private(set) var order: [Int] = []

    init(partitions: Int) { homes = Array(repeating: Home(), count: partitions) }

    /// Say `mark(changed:)` after a change.
    subscript(place: Int) -> Pair {
        get { pairs[place] }
        _modify { yield &pairs[place] }
    }

    /// How many shadows are open.
    var openCount: Int { pairs.reduce(0) { $0 + ($1.life.isOpen ? 1 : 0) } }

    /// How many shadows are on their way.
    var movingCount: Int { pairs.reduce(0) { $0 + ($1.life.isMoving ? 1 : 0) } }

    /// The anticipated volume of the open shadows in a partition, at most the largest number there is.
    func openVolume(in target: PartitionIndex) -> Int64 {
        pairs.reduce(0) { sum, pair in
            guard pair.target == target, pair.life.isOpen else { return sum }
            return Milli.sum(sum, max(pair.total.anticipatedVolume, 0))
        }
    }

    /// The place of a pair; nil if it was never heard of.
    func place(source: PartitionIndex, target: PartitionIndex) -> Int? {
        index[UInt32(source) << 16 | UInt32(target)]
    }

    /// What was measured of a pair.
    func measurement(_ place: Int) -> Measurement {
        Measurement(
            customers: homes[Int(pairs[place].source)].customers,
            highCustomers: pairs[place].total.highCustomers,
            anticipatedVolume: pairs[place].total.anticipatedVolume)
    }

    /// What it would be with so many accesses per day.
    func measurement(_ place: Int, accessesPerDay: Double, highPartMilli: Int64) -> Measurement {
        Measurement(
            home: homes[Int(pairs[place].source)], total: pairs[place].total, accessesPerDay: accessesPerDay,
            highPartMilli: highPartMilli)
    }

    /// Takes in that a source knows `new` of a home, and no longer `old`.
    mutating func change(home: PartitionIndex, from old: Home, to new: Home) {
        homes[Int(home)].customers &+= new.customers &- old.customers
        homes[Int(home)].accesses &+= new.accesses &- old.accesses
    }

    /// Takes in what a trend source says of the pair with that key, source << 16 | target.
    mutating func set(_ sums: Pair.Sums, of key: UInt32) {
        let place = index[key] ?? insert(key)
        let before = pairs[place].total.anticipatedAccesses
        pairs[place].set(sums)
        homes[Int(key >> 16)].accesses &+= pairs[place].total.anticipatedAccesses &- before
        mark(changed: place)
    }

    mutating func mark(changed place: Int) {
        if isChanged[place] { return }
        isChanged[place] = true
        changed.append(place)
    }

    private mutating func insert(_ key: UInt32) -> Int {
        let place = pairs.count
        pairs.append(Pair(key: key))
        isChanged.append(false)
        index[key] = place
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[order[middle]].key < key { low = middle + 1 } else { high = middle }
        }
        order.insert(place, at: low)
        return place
    }
}

extension Pair.Sums {
    init(_ flow: Flow, source: UInt16) {
        self.source = source
        highCustomers = flow.highCustomers
        anticipatedVolume = flow.anticipatedVolume
        anticipatedAccesses = flow.anticipatedAccesses
        accesses = flow.accesses
    }
}

extension Pair {
    fileprivate mutating func set(_ new: Sums) {
        var place = 0
        while place < sums.count, sums[place].source < new.source { place += 1 }
        if place == sums.count || sums[place].source > new.source {
            sums.insert(Sums(source: new.source), at: place)
        }
        let old = sums[place]
        total.highCustomers &+= new.highCustomers &- old.highCustomers
        total.anticipatedVolume &+= new.anticipatedVolume &- old.anticipatedVolume
        total.anticipatedAccesses &+= new.anticipatedAccesses &- old.anticipatedAccesses
        total.accesses &+= new.accesses &- old.accesses
        sums[place] = new
    }
}

/// As bytes: one entry a pair.
extension PairTable {
    var changedCount: Int { changed.count }

    /// Hands out each pair that changed since the last call: its key and its state.
    mutating func takeChanges(_ body: (_ key: UInt32, _ state: RawSpan) -> Void) {
        var state = StateWriter()
        for place in changed {
            isChanged[place] = false
            state.removeAll()
            pairs[place].encode(into: &state)
            body(pairs[place].key, state.written)
        }
        changed.removeAll()
    }

    /// Takes over a pair in place of what was known of it.
    mutating func restore(
        _ key: UInt32, _ reader: inout StateReader, _ rules: FlowForecastRules
    ) throws(StateFailure) {
        guard Int(key >> 16) < homes.count, Int(key & 0xFFFF) < homes.count else {
            throw .outOfRange("a pair")
        }
        let pair = try Pair(key: key, &reader, rules)
        try reader.finish()
        pairs[index[key] ?? insert(key)] = pair
    }

    /// Takes over what sources know of homes, when all pairs are there.
    mutating func restore(homes sources: [[Home]]) {
        homes = homes.map { _ in Home() }
        for source in sources {
            for (home, known) in source.enumerated() {
                change(home: PartitionIndex(home), from: Home(), to: known)
            }
        }
        for pair in pairs { homes[Int(pair.source)].accesses &+= pair.total.anticipatedAccesses }
    }
}

extension Pair {
    fileprivate func encode(into state: inout StateWriter) {
        state.write(UInt32(sums.count))
        for sum in sums {
            state.write(sum.source)
            state.write(sum.highCustomers)
            state.write(sum.anticipatedVolume)
            state.write(sum.anticipatedAccesses)
            state.write(sum.accesses)
        }
        demand.encode(into: &state)
        life.encode(into: &state)
        hold.encode(into: &state)
        state.write(epoch)
        state.write(since)
        state.write(UInt8((forecast == nil ? 0 : Self.hasForecast) | (shown == nil ? 0 : Self.isShown)))
        if let forecast {
            var rest = StateWriter()
            forecast.encode(into: &rest)
            state.write(rest.bytes.span.bytes)
        }
        if let shown {
            state.write(shown.measuredMilli)
            state.write(shown.expectedMilli)
        }
    }

    /// Bits that say what follows. Up to version 5 of the planner's state there was the first one alone.
    private static let hasForecast: UInt8 = 1
    private static let isShown: UInt8 = 2

    fileprivate init(
        key: UInt32, _ reader: inout StateReader, _ rules: FlowForecastRules
    ) throws(StateFailure) {
        self.init(key: key)
        for _ in 0..<(try reader.count(limit: Planner.sourceLimit, "sources")) {
            set(
                Sums(
                    source: try reader.read(), highCustomers: try reader.read(),
                    anticipatedVolume: try reader.read(), anticipatedAccesses: try reader.read(),
                    accesses: try reader.read()))
        }
        demand = try Demand(&reader)
        life = try Life(&reader)
        hold = try Hold(&reader)
        epoch = try reader.read()
        if epoch >> 62 > 0 { throw .outOfRange("an epoch") }
        since = try reader.read()
        let parts: UInt8 = try reader.read()
        if parts > Self.hasForecast | Self.isShown { throw .outOfRange("parts of a flow") }
        if parts & Self.hasForecast != 0 {
            forecast = try FlowForecast(restoring: try reader.readBytes(), rules)
        }
        if parts & Self.isShown != 0 {
            shown = ShownForecast(
                measuredMilli: try reader.read(in: 0...1_000, "a share"),
                expectedMilli: try reader.read(in: 0...1_000, "a share"))
        }
    }
}
