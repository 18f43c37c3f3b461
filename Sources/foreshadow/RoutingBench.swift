import Contracts
import ForeshadowRouting
import Foundation
import Kafka
import Logging
import Routing
import Workload

/// What a decision costs in the process of who asks, on one core: hashing, the lock and the table included.
struct RoutingBench: Sendable {
    /// What was measured with one set of weights.
    struct Result: Codable {
        var partitions: Int
        var customers: Int
        /// What decides: the published weights, or all terms and bounded load.
        var weights: String
        /// Decisions per CPU second.
        var perCPUSecond: Double
        /// Nanoseconds of CPU per decision.
        var nanoseconds: Double

        var text: String {
            "\(partitions) partitions, \(customers) customers, \(weights): \(Int(perCPUSecond)) decisions per CPU second, "
                + "\(Int(nanoseconds)) ns each"
        }
    }

    var customers = 100_000
    var decisions = 4_000_000

    /// Measures few and many partitions, with the published weights and with all.
    func measure() throws -> [Result] {
        var all = RoutingWeights()
        all.proximity = 0.2
        all.load = 0.2
        all.shadow = 0.5
        all.tieMargin = 0.02
        return try [8, 64].flatMap { count in
            let (table, names) = try table(count)
            // Nobody publishes; there is room for every customer's first exposure.
            let publisher = RecordPublisher(
                ClientConfiguration(brokers: ""), waitingMax: customers,
                logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
            let exposures = ExposureLog(publisher, topic: "")
            let published = ExperimentRegister(RoutingWeights())
            let compared = ExperimentRegister(RoutingWeights())
            _ = try compared.apply(Self.experiment)
            return [
                ("published weights", published), ("published weights, an experiment runs", compared),
                ("all terms, bounded load", ExperimentRegister(all)),
            ].map { text, experiments in
                let requests = RequestRouter(table, experiments, exposures)
                let start = Bench.cpuSeconds()
                var sum = 0
                for number in 0..<decisions {
                    // A stride that visits customers in no order that memory could foresee.
                    let place = number &* 7_919 % customers
                    let name = names[place]
                    let answer = requests.decide(
                        name.span.bytes, RoutingRequest(), cell: nil,
                        at: EventTime(Date().timeIntervalSince1970 * 1_000))
                    sum &+= Int(answer.decision.readFrom)
                }
                let seconds = Bench.cpuSeconds() - start
                precondition(sum > 0, "nothing was decided")
                return Result(
                    partitions: count, customers: customers, weights: text,
                    perCPUSecond: Double(decisions) / seconds, nanoseconds: seconds / Double(decisions) * 1e9)
            }
        }
    }

    /// Two variants of the same weights: what is measured is what choosing costs.
    private static let experiment = ExperimentRecord(
        name: "bench", goal: "latency",
        variants: [.init(name: "control", share: 0.5), .init(name: "near", share: 0.5)], startedAt: 0,
        by: "bench", reason: "what an experiment costs")

    /// A table of customers who are high in another partition, with a shadow that is ramping for every home.
    private func table(_ count: Int) throws -> (RoutingTable, [[UInt8]]) {
        let partitions = try PartitionMap((0..<count).map { "region-\($0)" })
        let names = PartitionNames(partitions)
        let table = RoutingTable(partitions)
        let records = RoutingRecords(table)
        var random = SeededRandom(seed: 1, stream: 0)
        let keys = (0..<customers).map { Array("customer-\($0)".utf8) }
        var writer = JSONWriter()
        for (number, key) in keys.enumerated() {
            writer.removeAll()
            change(number, count, &random).encode(
                customer: key.span.bytes, cause: Cause(topic: "", topicPartition: 0, offset: 0),
                model: "\"bench\"".utf8Span.span.bytes, names: names, into: &writer)
            feed(records, .vectors, key: key, value: writer.bytes)
        }
        for source in 0..<count {
            let command = ShadowCommand(
                type: .readRoutingShift, source: PartitionIndex(source),
                target: PartitionIndex((source + 1) % count),
                epoch: 1, phase: .ramping, readShareMilli: 500, dualWrite: true, cohortSize: 1,
                cohortShareMilli: 1, evidence: [], windowStart: 0, windowEnd: 1)
            writer.removeAll()
            command.encode(names: names, into: &writer)
            feed(records, .commands, key: [0x73], value: writer.bytes)
        }
        return (table, keys)
    }

    private func change(_ number: Int, _ count: Int, _ random: inout SeededRandom) -> VectorChange {
        var change = VectorChange(partitions: count)
        change.sequence = 1
        change.home = PartitionIndex(number % count)
        let target = number % 3 == 0 ? (number + 1) % count : number % count
        change.after.share[target] += 7_000
        for _ in 0..<6 { change.after.share[Int(random.below(Int64(count)))] += 500 }
        change.after.next = change.after.share
        change.after.high = [PartitionIndex(target)]
        return change
    }

    private func feed(
        _ records: RoutingRecords, _ source: RoutingRecords.Source, key: [UInt8], value: [UInt8]
    ) {
        let stored = StoredRecord(
            place: TopicPartition(source.topic, 0), offset: 0, timestamp: 1, key: key, value: value)
        let batch = MessageBatch([.record(stored)], topics: [StoredTopic(source.topic)])
        records.apply(source, batch.record(at: 0))
    }
}
