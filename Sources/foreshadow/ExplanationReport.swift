import Affinity
import Contracts

/// An explanation with the names of its customer and partitions, ready to be shown.
struct ExplanationReport {
    let customer: String
    let explanation: Explanation
    /// The names of the partitions, by their indices.
    let partitions: [String]
    /// The event time up to which things are known.
    let asOf: EventTime

    init(_ customer: String, _ explanation: Explanation, partitions: [String], asOf: EventTime) {
        self.customer = customer
        self.explanation = explanation
        self.partitions = partitions
        self.asOf = asOf
    }

    /// Nothing is known of the customer.
    static func unknown(_ customer: String, among known: Int64) -> CommandFailure {
        .input("customer '\(printable(customer))' is not known; \(known) customers are")
    }

    /// The name of a partition.
    func name(_ partition: PartitionIndex) -> String { partitions[Int(partition)] }

    /// Control characters do not reach the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "." : $0 }))
    }
}

/// For programs: one object, with partitions by name. Probabilities and weights as they are, logarithms in nats.
extension ExplanationReport: Encodable {
    private struct Pool: Encodable {
        var top: String
        var runnerUp: String?
        var probability: Double
        var calibrated: Double
        var biasSupport: Double
    }

    private struct Opinion: Encodable {
        var expert: String
        var weight: Double?
        var poolWeight: Double
        var top: String
        var probability: Double
        var ofPoolTop: Double
        var support: Double
    }

    private struct ShareOpinion: Encodable {
        var expert: String
        var weight: Double
        var top: String
        var probability: Double
        var part: Double
    }

    private enum Key: String, CodingKey {
        case customer, asOf, home, last, lastTime, accesses, run, stage, surprise, high, mostLikely, next,
            share,
            pool, experts, shareExperts, model
    }

    /// Writes all of it.
    func encode(to encoder: any Encoder) throws {
        let e = explanation
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(customer, forKey: .customer)
        try object.encode(asOf, forKey: .asOf)
        try object.encode(name(e.home), forKey: .home)
        try object.encode(name(e.last), forKey: .last)
        try object.encodeIfPresent(e.lastTime, forKey: .lastTime)
        try object.encode(e.accesses, forKey: .accesses)
        try object.encode(e.run, forKey: .run)
        try object.encode("\(e.stage.name)", forKey: .stage)
        try object.encode(e.surprise, forKey: .surprise)
        try object.encode(e.high.map(name), forKey: .high)
        try object.encode(name(e.mostLikely), forKey: .mostLikely)
        try object.encode(named(e.next), forKey: .next)
        try object.encode(named(e.share), forKey: .share)
        try object.encode(
            Pool(
                top: name(e.poolTop), runnerUp: e.runnerUp.map(name), probability: e.pooled,
                calibrated: e.calibrated, biasSupport: e.biasSupport), forKey: .pool)
        try object.encode(
            e.opinions.map {
                Opinion(
                    expert: "\($0.expert)", weight: $0.weight, poolWeight: $0.poolWeight, top: name($0.top),
                    probability: $0.probability, ofPoolTop: $0.ofPoolTop, support: $0.support)
            }, forKey: .experts)
        try object.encode(
            e.shareOpinions.map {
                ShareOpinion(
                    expert: "\($0.expert)", weight: $0.weight, top: name($0.top), probability: $0.probability,
                    part: $0.part)
            }, forKey: .shareExperts)
        try object.encodeIfPresent(e.model, forKey: .model)
    }

    private func named(_ values: [Double]) -> [String: Double] {
        Dictionary(zip(partitions, values)) { first, _ in first }
    }
}
