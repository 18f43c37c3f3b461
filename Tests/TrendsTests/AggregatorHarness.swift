import Contracts
import Trends

let hour: Int64 = 3_600_000

/// One update as the tests write it down.
struct Step: Sendable {
    var customer: String
    var sequence: UInt64
    var time: EventTime
    var home: PartitionIndex = 0
    var high: [PartitionIndex] = []
    var shares: [(PartitionIndex, ProbabilityUnits)] = []
    var volume: Int64 = 0
    var isDormant = false

    var update: VectorUpdate {
        var update = VectorUpdate()
        update.sequence = sequence
        update.time = time
        update.home = home
        update.high = high
        update.shares = shares.map { VectorUpdate.Share(partition: $0.0, share: $0.1) }
        update.volume = volume
        update.isDormant = isDormant
        return update
    }
}

/// An aggregator that keeps what it published.
struct AggregatorHarness {
    var aggregator: TrendAggregator
    var records: [TrendRecord] = []

    init(source: Int32 = 0, sources: Int32 = 1, lateness: Int64 = 60_000) {
        var configuration = TrendsConfiguration()
        configuration.allowedLatenessMillis = lateness
        aggregator = TrendAggregator(source: source, sources: sources, configuration: configuration)
    }

    mutating func apply(_ steps: Step...) { apply(steps) }

    mutating func apply(_ steps: [Step]) {
        for step in steps {
            aggregator.apply(customer: step.customer.utf8Span.span.bytes, step.update) { records.append($0) }
        }
    }

    mutating func forget(_ customer: String) {
        aggregator.forget(customer: customer.utf8Span.span.bytes)
    }

    mutating func mark(_ completeThrough: EventTime?, idle: Bool = false) {
        aggregator.mark(completeThrough: completeThrough, idle: idle) { records.append($0) }
    }

    /// The sums as of the end of a window, as a consumer would know them.
    func sums(asOf windowEnd: EventTime) -> [String] {
        var flows: [UInt32: Flow] = [:]
        var customers: [PartitionIndex: Int64] = [:]
        for record in records where record.windowEnd <= windowEnd {
            for flow in record.flows {
                flows[UInt32(flow.home) << 16 | UInt32(flow.partition)] = flow
                customers[flow.home] = flow.customers
            }
        }
        let sums = flows.sorted { $0.key < $1.key }.map { _, flow in
            "\(flow.home)->\(flow.partition): \(flow.highCustomers) high, \(flow.anticipatedVolume) B"
        }
        return sums + customers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) customers" }
    }
}
