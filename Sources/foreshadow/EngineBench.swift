import Affinity
import Contracts
import Foundation
import Pipeline
import Workload

/// What the affinity engine alone costs, on one core: no Kafka, no JSON.
struct EngineBench: Sendable {
    /// What was measured.
    struct Result: Codable {
        /// CPU time to take in an access and make the vectors that follow: mixture, pool and calibration.
        var microseconds: Double
        /// The same with the network's inference and the learning of its weights.
        var microsecondsWithNetwork: Double
        /// State held per customer, with the network's.
        var bytesPerCustomer: Int
        /// How many customers there were.
        var customers: Int64

        var text: String {
            "\(microsecondsWithNetwork) µs per event with the network, \(microseconds) without; "
                + "\(bytesPerCustomer) bytes per customer (\(customers))"
        }
    }

    let configuration: GeneratorConfiguration
    let events: [TraceEvent]

    private var partitions: [String] { configuration.regions.map(\.name) }

    /// Runs the events through an engine with a network, and through one without.
    func measure() throws -> Result {
        let accesses = try accesses()
        var plain = try engine(hasNetwork: false)
        var whole = try engine(hasNetwork: true)
        let without = run(&plain, accesses)
        let with = run(&whole, accesses)
        return Result(
            microseconds: without, microsecondsWithNetwork: with, bytesPerCustomer: whole.bytesPerCustomer,
            customers: whole.counters.customers)
    }

    /// A network of 32 units that was not trained: it costs what a trained one does.
    static func model(_ configuration: GeneratorConfiguration) throws -> Model {
        let regions = configuration.regions.map(\.name)
        let names = Model.Names(
            partitions: regions, regions: regions, domains: configuration.domains.map(\.name),
            kinds: Array(Set(configuration.domains.flatMap { [$0.readKind, $0.writeKind] })).sorted())
        return try Model(
            origin: Model.Origin(name: "bench", createdFrom: "nothing: its weights are random"), names: names,
            shareDiscount: 0.95, weights: NetworkWeights(AffinityEngine.shape(of: names), seed: 7))
    }

    private func engine(hasNetwork: Bool) throws -> AffinityEngine {
        var engine = AffinityEngine(configuration: AffinityConfiguration(), partitions: partitions.count)
        if hasNetwork { engine.use(try Self.model(configuration)) }
        return engine
    }

    private func accesses() throws -> [(customer: [UInt8], access: Access)] {
        let places = Dictionary(
            uniqueKeysWithValues: partitions.enumerated().map { ($1, PartitionIndex($0)) })
        return try events.map { event in
            guard let place = places[event.region] else {
                throw CommandFailure.input("no partition for the region '\(event.region)'")
            }
            let access = Access(
                time: event.time, partition: place, bytes: event.bytes ?? 0,
                idHash: ByteHash.hash(event.id.utf8Span.span.bytes),
                region: Access.symbol(event.region.utf8Span.span.bytes),
                domain: event.domain.map { Access.symbol($0.utf8Span.span.bytes) } ?? 0,
                kind: Access.symbol(event.kind.utf8Span.span.bytes))
            return (Array(event.customer.utf8), access)
        }
    }

    /// CPU microseconds per access. The first fifth warms up the state and the caches.
    private func run(_ engine: inout AffinityEngine, _ accesses: [(customer: [UInt8], access: Access)])
        -> Double
    {
        var change = VectorChange(partitions: partitions.count)
        let warm = accesses.count / 5
        var start = 0.0
        for (i, (customer, access)) in accesses.enumerated() {
            if i == warm { start = Bench.cpuSeconds() }
            while engine.nextDue(at: access.time, into: &change) {}
            _ = engine.observe(customer: customer.span.bytes, access: access, into: &change)
        }
        let micros = (Bench.cpuSeconds() - start) * 1e6 / Double(max(1, accesses.count - warm))
        return (micros * 100).rounded() / 100
    }
}
