import Contracts
import Routing

/// A view over named partitions that takes records as they are on the topics.
final class RoutingFixture {
    let partitions: PartitionMap
    let names: PartitionNames
    var view: RoutingView
    private var decoder: VectorSummaryDecoder
    private var sequences: [String: UInt64] = [:]

    init(_ partitions: [String], roundTrips: String? = nil) throws {
        let map = try PartitionMap(partitions)
        self.partitions = map
        names = PartitionNames(map)
        let times = try roundTrips.map { try RoundTrips($0, names: partitions) }
        view = RoutingView(map, roundTrips: times)
        decoder = VectorSummaryDecoder(partitions: map, readsNext: true)
    }

    func index(_ name: String) -> PartitionIndex { partitions.find(name) ?? .max }
    func name(_ index: PartitionIndex) -> String { partitions.names[Int(index)] }
    func hash(_ customer: String) -> UInt64 { ByteHash.hash(customer.utf8Span.span.bytes) }

    /// Applies a vector as the updater would publish it.
    func vector(
        _ customer: String, home: String, share: [String: Double], high: [String] = [],
        sequence: UInt64? = nil
    ) throws {
        let sequence = sequence ?? sequences[customer, default: 0] + 1
        sequences[customer] = sequence
        var change = VectorChange(partitions: partitions.count)
        change.sequence = sequence
        change.home = index(home)
        for (partition, value) in share {
            change.after.share[Int(index(partition))] = ProbabilityUnits((value * 10_000).rounded())
        }
        change.after.next = change.after.share
        change.after.high = high.map(index)
        var writer = JSONWriter()
        change.encode(
            customer: customer.utf8Span.span.bytes,
            cause: Cause(topic: "interactions", topicPartition: 0, offset: 0),
            model: "\"m\"".utf8Span.span.bytes,
            names: names, into: &writer)
        let bytes = writer.bytes
        try decoder.decode(bytes.span.bytes)
        view.apply(decoder, customer: customer.utf8Span.span.bytes, hash: hash(customer))
    }

    /// Applies a command that puts a shadow into a phase.
    @discardableResult
    func shadow(
        _ source: String, _ target: String, _ phase: Phase, readShareMilli: Int64 = 0,
        dualWrite: Bool = false,
        epoch: UInt64
    ) -> Bool {
        view.apply(
            ShadowCommand(
                type: .readRoutingShift, source: index(source), target: index(target), epoch: epoch,
                phase: phase, readShareMilli: readShareMilli, dualWrite: dualWrite, cohortSize: 1,
                cohortShareMilli: 1, evidence: [], windowStart: 0, windowEnd: 1))
    }

    func telemetry(_ partition: String, utilisationMilli: Int64, time: EventTime = 1) {
        view.apply(
            Telemetry(
                partition: index(partition), time: time, reads: 1, writes: 0, errors: 0, latencyP50Micros: 1,
                latencyP99Micros: 1, utilisationMilli: utilisationMilli, replicaLagMillis: 0,
                divergenceSampled: 0, divergenceFound: 0))
    }

    func decide(
        _ customer: String, from: String? = nil, home: String? = nil,
        weights: RoutingWeights = RoutingWeights()
    ) -> Decision {
        view.decide(
            customer.utf8Span.span.bytes, hash: hash(customer),
            RoutingRequest(from: from.map(index), home: home.map(index)), weights)
    }

    func scores(_ customer: String, from: String? = nil, weights: RoutingWeights = RoutingWeights())
        -> [Score]
    {
        view.scores(
            customer.utf8Span.span.bytes, hash: hash(customer), RoutingRequest(from: from.map(index)), weights
        )
    }
}
