import Affinity
import Contracts
import Foundation
import Training

/// Accesses as a network is to learn them: with what an engine made of all that came before each of them.
struct NetworkTraining {
    let accesses: TrainingAccesses
    private let affinity: AffinityConfiguration
    private let recorder: TrainingRecorder

    /// Lets an engine go through the accesses; tells `progress`, if any, the part that is done now and then.
    ///
    /// `names`: those of a model that exists, where another one is not to be trained.
    init(
        _ accesses: TrainingAccesses, names: Model.Names? = nil, affinity: AffinityConfiguration,
        units: Int, progress: ((Double) -> Void)? = nil
    ) {
        self.accesses = accesses
        self.affinity = affinity
        var recorder = TrainingRecorder(names ?? accesses.names, configuration: affinity, hidden: units)
        for (number, entry) in accesses.accesses.enumerated() {
            recorder.add(customer: accesses.customers[entry.customer], entry.access)
            if number % 10_000 == 9_999 { progress?(Double(number) / Double(accesses.accesses.count)) }
        }
        self.recorder = recorder
    }

    /// What is to be learned.
    var set: TrainingSet { recorder.set }

    /// The state a model's network has come to of each customer after all accesses, by the customer's key.
    func states(_ model: Model) -> [[UInt8]: [Float]] {
        Dictionary(zip(recorder.customers, recorder.states(model)), uniquingKeysWith: { first, _ in first })
    }

    /// The mean log loss, in nats, of what the engine foresees without a network, on the examples that training
    /// holds out from `start` on; nil if there are none. It learns from each of them after it was scored.
    func engineLoss(heldOutFrom start: EventTime) -> Double? {
        var engine = AffinityEngine(configuration: affinity, partitions: accesses.names.partitions.count)
        var change = VectorChange(partitions: accesses.names.partitions.count)
        var isHeldOut = [Bool](repeating: false, count: accesses.customers.count)
        var (sum, count) = (0.0, 0)
        for (customer, access) in accesses.accesses {
            let key = accesses.customers[customer]
            while engine.nextDue(at: access.time, into: &change) {}
            isHeldOut[customer] = isHeldOut[customer] || access.time >= start
            let prediction = isHeldOut[customer] ? engine.predict(customer: key.span.bytes) : nil
            if engine.observe(customer: key.span.bytes, access: access, into: &change) == .duplicate {
                continue
            }
            guard let prediction else { continue }
            sum -= log(max(prediction.next[Int(access.partition)], 1e-12))
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }
}
