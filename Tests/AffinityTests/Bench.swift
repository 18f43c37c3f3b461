import Affinity
import Contracts

/// SplitMix64 (Steele, Lea, Flood 2014): the tests' only source of chance.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// One access of one customer.
struct Visit: Equatable {
    var customer: String
    var access: Access
}

/// A change, with the customer it is about.
struct Published: Equatable {
    var customer: String
    var change: VectorChange
}

/// An engine with what it has published.
final class Bench {
    var engine: AffinityEngine
    var published: [Published] = []
    private var buffer: VectorChange
    private var ids: UInt64 = 0

    init(_ configuration: AffinityConfiguration = AffinityConfiguration(), partitions: Int = 4) {
        engine = AffinityEngine(configuration: configuration, partitions: partitions)
        buffer = VectorChange(partitions: partitions)
    }

    private func lastTouched(of engine: AffinityEngine) -> String {
        let key = engine.lastTouched
        var bytes: [UInt8] = []
        for i in 0..<key.byteCount { bytes.append(key.unsafeLoad(fromByteOffset: i, as: UInt8.self)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The changes of one customer.
    func changes(of customer: String) -> [VectorChange] {
        published.filter { $0.customer == customer }.map(\.change)
    }

    func advance(to time: EventTime) {
        while engine.nextDue(at: time, into: &buffer) {
            published.append(Published(customer: lastTouched(of: engine), change: buffer))
        }
    }

    @discardableResult
    func apply(_ visit: Visit) -> Observation {
        advance(to: visit.access.time)
        let result = engine.observe(
            customer: visit.customer.utf8Span.span.bytes, access: visit.access, into: &buffer)
        if result == .changed { published.append(Published(customer: visit.customer, change: buffer)) }
        return result
    }

    /// An access with an id of its own.
    @discardableResult
    func visit(
        _ customer: String = "ann", at time: EventTime, _ partition: PartitionIndex, bytes: Int64 = 0
    ) -> Observation {
        ids += 1
        let access = Access(time: time, partition: partition, bytes: bytes, idHash: ids)
        return apply(Visit(customer: customer, access: access))
    }

    @discardableResult
    func setHome(_ customer: String, _ home: PartitionIndex, at time: EventTime) -> Observation {
        let result = engine.setHome(
            customer: customer.utf8Span.span.bytes, home: home, time: time, into: &buffer)
        if result == .changed { published.append(Published(customer: customer, change: buffer)) }
        return result
    }

    func forget(_ customer: String) -> Bool {
        engine.forget(customer: customer.utf8Span.span.bytes)
    }

    func republish(at time: EventTime) -> VectorChange? {
        engine.republishLast(time: time, into: &buffer) ? buffer : nil
    }

    func prediction(_ customer: String = "ann") -> AffinityEngine.Prediction? {
        engine.predict(customer: customer.utf8Span.span.bytes)
    }
}

/// Random visits in order of time: customers wander between a few partitions and at times come late or twice.
func randomVisits(_ count: Int, partitions: Int, seed: UInt64, customers: Int = 12) -> [Visit] {
    var chance = Chance(seed: seed)
    var time: EventTime = 1_700_000_000_000
    var visits: [Visit] = []
    var favourite = (0..<customers).map { _ in Int.random(in: 0..<partitions, using: &chance) }
    for id in 0..<count {
        let who = Int.random(in: 0..<customers, using: &chance)
        time += EventTime.random(in: 0...2_000_000, using: &chance)
        if Int.random(in: 0..<40, using: &chance) == 0 {
            favourite[who] = Int.random(in: 0..<partitions, using: &chance)
        }
        let isAtFavourite = Int.random(in: 0..<4, using: &chance) > 0
        let partition = isAtFavourite ? favourite[who] : Int.random(in: 0..<partitions, using: &chance)
        let isLate = Int.random(in: 0..<20, using: &chance) == 0
        let access = Access(
            time: isLate ? time - 9_000_000 : time, partition: PartitionIndex(partition),
            bytes: Int64.random(in: 0...5_000, using: &chance), idHash: UInt64(id),
            region: UInt32.random(in: 1...3, using: &chance),
            domain: UInt32.random(in: 0...2, using: &chance),
            kind: UInt32.random(in: 1...4, using: &chance))
        visits.append(Visit(customer: "customer \(who)", access: access))
        if Int.random(in: 0..<30, using: &chance) == 0, let last = visits.last { visits.append(last) }
    }
    return visits
}

let hour: EventTime = 3_600_000
let day: EventTime = 86_400_000
