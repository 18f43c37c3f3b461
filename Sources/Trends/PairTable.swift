import Contracts

/// A home and another partition: the totals of the flow between them, and the life of the shadow there.
struct Pair: Sendable, Equatable {
    let source: PartitionIndex
    let target: PartitionIndex
    var highCustomers: Int64 = 0
    var anticipatedVolume: Int64 = 0
    var demand = Demand()
    var life = Life.none
    /// Of the shadow's last command; outlives retirement.
    var epoch: UInt64 = 0
    /// End of the window that brought the phase.
    var since: EventTime = 0

    var key: UInt32 { UInt32(source) << 16 | UInt32(target) }
}

/// All pairs ever heard of, with totals over all sources.
struct PairTable: Sendable {
    private var pairs: [Pair] = []  // in the order they were first heard of
    private var index: [UInt32: Int] = [:]  // only looked up, so its order never shows
    private var customers: [Int64]  // by home
    /// The places of all pairs, ordered by source, then target.
    private(set) var order: [Int] = []

    init(partitions: Int) { customers = Array(repeating: 0, count: partitions) }

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
            return Milli.sum(sum, max(pair.anticipatedVolume, 0))
        }
    }

    func measurement(_ place: Int) -> Measurement {
        let pair = pairs[place]
        return Measurement(
            customers: customers[Int(pair.source)], highCustomers: pair.highCustomers,
            anticipatedVolume: pair.anticipatedVolume)
    }

    mutating func addCustomers(_ change: Int64, home: PartitionIndex) { customers[Int(home)] &+= change }

    /// Adds to the totals of the pair with that key, source << 16 | target.
    mutating func add(highCustomers: Int64, anticipatedVolume: Int64, to key: UInt32) {
        let place = index[key] ?? insert(key)
        pairs[place].highCustomers &+= highCustomers
        pairs[place].anticipatedVolume &+= anticipatedVolume
    }

    private mutating func insert(_ key: UInt32) -> Int {
        let place = pairs.count
        pairs.append(Pair(source: PartitionIndex(key >> 16), target: PartitionIndex(key & 0xFFFF)))
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

/// As bytes.
extension PairTable {
    func encode(into state: inout StateWriter) {
        for count in customers { state.write(count) }
        state.write(UInt32(pairs.count))
        for pair in pairs {
            state.write(pair.key)
            state.write(pair.highCustomers)
            state.write(pair.anticipatedVolume)
            pair.demand.encode(into: &state)
            pair.life.encode(into: &state)
            state.write(pair.epoch)
            state.write(pair.since)
        }
    }

    init(_ reader: inout StateReader, partitions: Int) throws(StateFailure) {
        self.init(partitions: partitions)
        for i in customers.indices { customers[i] = try reader.read() }
        for _ in 0..<(try reader.count(limit: partitions * partitions, "pairs")) {
            let key: UInt32 = try reader.read()
            guard Int(key >> 16) < partitions, Int(key & 0xFFFF) < partitions, index[key] == nil else {
                throw .outOfRange("a pair")
            }
            let place = insert(key)
            pairs[place].highCustomers = try reader.read()
            pairs[place].anticipatedVolume = try reader.read()
            pairs[place].demand = try Demand(&reader)
            pairs[place].life = try Life(&reader)
            pairs[place].epoch = try reader.read()
            if pairs[place].epoch >> 62 > 0 { throw .outOfRange("an epoch") }
            pairs[place].since = try reader.read()
        }
    }
}
