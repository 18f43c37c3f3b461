internal import Contracts
internal import ForeshadowRouting
internal import Foundation
internal import Routing
internal import Synchronization

/// Puts together, once a second, what an operator sees at a glance.
final class Overview: Sendable {
    private struct State {
        var last: (at: ContinuousClock.Instant, stats: LookupStats.Snapshot)
        var json: [UInt8] = []
    }

    /// Forecasts that are shown; `/v1/forecasts` has all.
    private static let forecastsMax = 100

    private let lookup: Lookup
    private let live: LiveState
    private let flow: FlowWatch
    private let follower: TopicFollower
    private let book: ExperimentBook
    private let instance: String
    private let state: Mutex<State>

    init(
        _ lookup: Lookup, _ live: LiveState, _ flow: FlowWatch, _ follower: TopicFollower,
        _ book: ExperimentBook, instance: String
    ) {
        self.lookup = lookup
        self.live = live
        self.flow = flow
        self.follower = follower
        self.book = book
        self.instance = instance
        state = Mutex(State(last: (ContinuousClock.now, lookup.stats.snapshot)))
    }

    /// The newest, as JSON.
    var json: [UInt8] {
        let json = state.withLock { $0.json }
        return json.isEmpty ? refresh() : json
    }

    /// Makes a new one.
    @discardableResult
    func refresh() -> [UInt8] {
        let stats = lookup.stats.snapshot
        let now = ContinuousClock.now
        let (since, seconds) = state.withLock { state in
            let last = state.last
            state.last = (now, stats)
            return (stats.since(last.stats), max(0.001, (now - last.at) / .seconds(1)))
        }
        var writer = JSONWriter()
        encode(since, seconds, into: &writer)
        state.withLock { $0.json = writer.bytes }
        return writer.bytes
    }

    private func encode(_ since: LookupStats.Snapshot, _ seconds: Double, into writer: inout JSONWriter) {
        let freshness = lookup.freshness
        let status = follower.status
        writer.literal("{\"time\":")
        writer.integer(Int64(Date().timeIntervalSince1970 * 1_000))
        writer.literal(",\"instance\":")
        writer.string(instance)
        writer.literal(",\"ready\":")
        writer.boolean(status.isCaughtUp)
        writer.literal(",\"restored\":")
        writer.decimal(status.restoreProgress)
        writer.literal(",\"stale\":")
        writer.boolean(freshness.isStale)
        writer.literal(",\"ageMillis\":")
        writer.integer(freshness.ageMilliseconds)
        writer.literal(",\"lookups\":{\"perSecond\":")
        writer.decimal(Double(since.total) / seconds)
        writer.literal(",\"p50Micros\":")
        writer.integer(since.quantile(0.5))
        writer.literal(",\"p99Micros\":")
        writer.integer(since.quantile(0.99))
        let mass = lookup.table.mass
        writer.literal("},\"customers\":")
        writer.integer(mass.customers.reduce(0, +))
        encodePartitions(mass, since, seconds, into: &writer)
        encodeFlow(into: &writer)
        encodeMatrix(mass, into: &writer)
        writer.literal(",\"shadows\":")
        writer.list(live.commands) { $1.command.encode(names: lookup.names, into: &$0) }
        writer.literal(",\"forecasts\":")
        writer.list(live.forecasts.prefix(Self.forecastsMax)) { $1.encode(names: lookup.names, into: &$0) }
        writer.literal(",\"experiments\":")
        writer.list(book.recentReports) { $0.experiment($1.record, $1.report) }
        writer.literal(",\"alerts\":")
        writer.list(live.alerts) { $1.encode(into: &$0) }
        writer.literal("}")
    }

    private func encodePartitions(
        _ mass: AffinityMass, _ since: LookupStats.Snapshot, _ seconds: Double, into writer: inout JSONWriter
    ) {
        let telemetry = live.telemetry
        let names = lookup.names
        writer.literal(",\"partitions\":")
        writer.list(telemetry.indices) { writer, place in
            let seen = telemetry[place]
            writer.literal("{\"name\":")
            writer.append(names.quoted(PartitionIndex(place)))
            writer.literal(",\"customers\":")
            writer.integer(mass.customers[place])
            writer.literal(",\"decisionsPerSecond\":")
            writer.decimal(Double(since.partitions[place]) / seconds)
            writer.literal(",\"reads\":")
            writer.integer(seen?.reads)
            writer.literal(",\"writes\":")
            writer.integer(seen?.writes)
            writer.literal(",\"errors\":")
            writer.integer(seen?.errors)
            writer.literal(",\"latencyP50Micros\":")
            writer.integer(seen?.latencyP50Micros)
            writer.literal(",\"latencyP99Micros\":")
            writer.integer(seen?.latencyP99Micros)
            writer.literal(",\"utilisation\":")
            writer.decimal(seen.map { Double($0.utilisationMilli) / 1_000 })
            writer.literal(",\"replicaLagMillis\":")
            writer.integer(seen?.replicaLagMillis)
            writer.literal(",\"telemetryTime\":")
            writer.integer(seen?.time)
            writer.literal("}")
        }
    }

    private func encodeFlow(into writer: inout JSONWriter) {
        let followed = follower.status.topics
        writer.literal(",\"flow\":")
        writer.list(flow.figures) { writer, known in
            var figures = known
            // What this process reads itself, it knows itself.
            if figures.step.group == nil, let topic = followed.first(where: { $0.name == figures.step.topic })
            {
                figures.lagRecords = topic.lagRecords
                figures.lagSeconds = topic.lagMilliseconds.map { Double($0) / 1_000 }
            }
            writer.literal("{\"topic\":")
            writer.string(figures.step.topic)
            writer.literal(",\"consumer\":")
            writer.string(figures.step.consumer)
            writer.literal(",\"recordsPerSecond\":")
            writer.decimal(figures.recordsPerSecond)
            writer.literal(",\"lagRecords\":")
            writer.integer(figures.lagRecords)
            writer.literal(",\"lagSeconds\":")
            writer.decimal(figures.lagSeconds)
            writer.literal("}")
        }
    }

    private func encodeMatrix(_ mass: AffinityMass, into writer: inout JSONWriter) {
        let count = lookup.table.partitions.count
        let names = lookup.names
        writer.literal(",\"matrix\":{\"names\":")
        writer.list(0..<count) { $0.append(names.quoted(PartitionIndex($1))) }
        writer.literal(",\"customers\":")
        writer.list(mass.customers) { $0.integer($1) }
        writer.literal(",\"mass\":")
        writer.list(0..<count) { writer, home in
            writer.list(0..<count) {
                $0.decimal((mass.mean(home: home, partition: $1) * 10_000).rounded() / 10_000)
            }
        }
        writer.literal("}")
    }
}
