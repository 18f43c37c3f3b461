public import Contracts

/// What a router knows of some of the customers: the fold of `affinity-vectors`, `customers`, `partition-commands` and
/// `partition-telemetry`.
///
/// A pure value. Records that come twice or late change nothing.
public struct RoutingView: Sendable {
    /// The configured partitions.
    public let partitions: PartitionMap
    var customers = KeyTable<CustomerState>()
    var shadows: ShadowBook
    var ledger: LoadLedger
    /// The free part of each partition's capacity, 0 to 1; 0 where no telemetry says.
    var room: [Double]
    private var telemetryTimes: [EventTime]
    let roundTrips: RoundTrips
    var scratch: [Double]
    /// Sums over the customers.
    public private(set) var mass: AffinityMass

    /// Knows nothing yet.
    public init(_ partitions: PartitionMap, roundTrips: RoundTrips? = nil) {
        self.partitions = partitions
        shadows = ShadowBook(partitions: partitions.count)
        ledger = LoadLedger(partitions)
        room = Array(repeating: 0, count: partitions.count)
        telemetryTimes = Array(repeating: .min, count: partitions.count)
        self.roundTrips = roundTrips ?? RoundTrips(unknown: partitions.count)
        scratch = Array(repeating: 0, count: partitions.count)
        mass = AffinityMass(partitions: partitions.count)
    }

    /// How many customers are known.
    public var customerCount: Int { customers.count }

    /// Takes over the vector that was decoded last; one that is not newer than what is held is ignored.
    public mutating func apply(
        _ vector: borrowing VectorSummaryDecoder, customer: RawSpan, hash: UInt64
    ) {
        let row = row(of: customer, hash: hash, home: vector.home)
        if customers[row].sequence >= vector.sequence { return }
        mass.subtract(customers[row])
        customers[row].refill(from: vector)
        mass.add(customers[row])
    }

    /// Takes over a profile. A vector says the same home, and more.
    public mutating func apply(_ profile: CustomerProfile, customer: RawSpan, hash: UInt64) {
        let row = row(of: customer, hash: hash, home: profile.home)
        if customers[row].sequence > 0 { return }
        mass.subtract(customers[row])
        customers[row].home = profile.home
        mass.add(customers[row])
    }

    private mutating func row(of customer: RawSpan, hash: UInt64, home: PartitionIndex) -> Int {
        if let row = customers.find(customer, hash: hash) { return row }
        let state = CustomerState(home: home)
        mass.add(state)
        return customers.insert(customer, hash: hash, state)
    }

    /// Drops all that is known of a customer.
    public mutating func forget(_ customer: RawSpan, hash: UInt64) {
        if let state = customers.remove(customer, hash: hash) { mass.subtract(state) }
    }

    /// Takes over a command; false if a newer one is known.
    @discardableResult
    public mutating func apply(_ command: ShadowCommand) -> Bool { shadows.apply(command, partitions) }

    /// Takes over how a partition did; what is older than what is known is ignored.
    public mutating func apply(_ telemetry: Telemetry) {
        let place = Int(telemetry.partition)
        if telemetryTimes[place] >= telemetry.time { return }
        telemetryTimes[place] = telemetry.time
        room[place] = max(0, 1 - Double(telemetry.utilisationMilli) / 1_000)
    }

    /// What is known of a customer.
    public func state(of customer: RawSpan, hash: UInt64) -> CustomerState? {
        customers.find(customer, hash: hash).map { customers[$0] }
    }

    /// The shadows that are not retired, by source and target.
    public var openShadows: [OpenShadow] { shadows.bySource.flatMap { $0 } }
}
