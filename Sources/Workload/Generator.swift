public import Contracts

/// A workload whose ground truth is known: the events of many customers, in the order in which they arrive.
///
/// A late event, and the second copy of a duplicate, stand later in the stream than their time. Each
/// customer has random numbers of its own, so that more customers, or one that behaves differently, leave
/// the others' events alone. Holds the customers and one day's events, not the whole stream.
public struct Generator: Sequence, IteratorProtocol, Sendable {
    /// What is generated.
    public var configuration: GeneratorConfiguration { world.configuration }
    /// When the event that was handed out last arrived: the stream's own clock. The start before the first.
    public private(set) var arrival: EventTime

    private let world: GeneratorWorld
    private var customers: [GeneratedCustomer]
    private var day = 0
    private var ready: [GeneratedAccess] = []
    private var taken = 0
    private var waiting: [GeneratedAccess] = []

    /// Prepares the workload; throws if the configuration makes none.
    public init(_ configuration: GeneratorConfiguration) throws(GeneratorConfiguration.Failure) {
        let world = try GeneratorWorld(configuration)
        self.world = world
        customers = (0..<configuration.customers).map { GeneratedCustomer($0, in: world) }
        arrival = configuration.start
    }

    /// The next event; nil at the end.
    public mutating func next() -> TraceEvent? {
        while taken == ready.count {
            if day == configuration.days && waiting.isEmpty { return nil }
            advance()
        }
        let access = ready[taken]
        taken += 1
        arrival = access.arrival
        return event(access)
    }

    /// The customers and the regions they are at home in, in order of their numbers.
    public var homes: [(customer: String, home: String)] {
        customers.indices.map {
            (Self.name(UInt32($0)), configuration.regions[customers[$0].plan.home].name)
        }
    }

    /// What is true of the workload, whatever is detected in it.
    public var truth: GroundTruth { GroundTruth(world, plans: customers.map(\.plan)) }

    /// Generates one day; what arrives after it waits.
    private mutating func advance() {
        ready.removeAll(keepingCapacity: true)
        taken = 0
        swap(&ready, &waiting)
        var end = EventTime.max
        if day < configuration.days {
            for place in customers.indices { customers[place].live(day: day, in: world, into: &ready) }
            day += 1
            end = configuration.start + EventTime(day) * millisPerDay
        }
        ready.sort(by: GeneratedAccess.isBefore)
        let cut = ready.firstIndex { $0.arrival >= end } ?? ready.count
        waiting.append(contentsOf: ready[cut...])
        ready.removeSubrange(cut...)
    }

    private func event(_ access: GeneratedAccess) -> TraceEvent {
        let customer = Self.name(access.customer)
        let domain = configuration.domains.isEmpty ? nil : configuration.domains[Int(access.domain)]
        let products = configuration.products
        return TraceEvent(
            id: customer + "-" + String(access.sequence),
            customer: customer,
            time: access.time,
            kind: domain.map { access.writes ? $0.writeKind : $0.readKind } ?? "access",
            region: configuration.regions[Int(access.region)].name,
            domain: domain?.name,
            bytes: access.bytes,
            product: products.isEmpty ? nil : products[Int(access.product)].name,
            op: access.writes ? "write" : "read")
    }

    /// What a customer is called: c000000 is the first.
    public static func name(_ customer: UInt32) -> String {
        let digits = String(customer)
        return "c" + String(repeating: "0", count: Swift.max(0, 6 - digits.utf8.count)) + digits
    }
}
