internal import Kafka
internal import Logging
internal import SimulatedKafka
internal import Streams

/// Drives the workers of several processes on a simulated cluster, through whatever its seed has in store, and
/// says what they did wrong.
///
/// One thread, one clock, one source of choices: a seed plays the same every time.
public final class Simulation {
    /// A property that did not hold.
    public struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// What.
        public var description: String
    }

    static let group = "sim-ledger"
    let plan: SimulationPlan
    let model: ClusterModel
    var choices: SeededChoices
    var hosts: [SimulatedHost] = []
    var violations: [Violation] = []
    private var published = 0
    private var instances = 0
    private var isHealthy = false
    private var depth = 0
    /// How long it took to process everything once nothing disturbed any more, in milliseconds.
    public private(set) var settledAfter: Int64 = 0
    /// How long that may take beyond two sessions. One has to run out for those who died; whoever died while it
    /// waited for a rebalance is given a share, and a second session.
    private static let recoveryMilliseconds: Int64 = 30_000
    private let configuration: StreamConfiguration
    private let logger: Logger
    private let trace: (@Sendable (String) -> Void)?

    /// The simulation of a plan. `trace` gets a line for everything that happens.
    public init(_ plan: SimulationPlan, trace: (@Sendable (String) -> Void)? = nil) {
        self.plan = plan
        choices = SeededChoices(seed: plan.seed &* 0x9E37_79B9 &+ 1)
        model = ClusterModel()
        self.trace = trace
        var logger = Logger(label: "simulation") { _ -> any LogHandler in
            if let trace { TraceHandler(trace) } else { SwiftLogNoOpLogHandler() }
        }
        logger.logLevel = trace == nil ? .critical : .debug
        self.logger = logger
        trace?("\(plan)")
        var configuration = StreamConfiguration(client: ClientConfiguration(brokers: ""), instance: "")
        configuration.groupPrefix = "sim-"
        configuration.guarantee = plan.guarantee
        configuration.snapshotRecords = 15
        configuration.snapshotIntervalMilliseconds = 5_000
        configuration.batchRecords = 7
        configuration.idleTimeoutMilliseconds = 4_000
        configuration.standbys = plan.standbys
        self.configuration = configuration
        for topic in [Ledger.input, Ledger.profiles, Ledger.output, Ledger.snapshots] {
            model.createTopic(topic, topicPartitions: plan.tasks)
        }
        model.delaysMarkers = plan.delaysMarkers
        model.refusesOffsetsWhileSharingOut = plan.refusesOffsetsWhileSharingOut
    }

    /// Plays everything and checks what came of it.
    public func run() -> [Violation] {
        for _ in 0..<plan.processes { start() }
        while published < plan.records, violations.isEmpty { act() }
        for _ in 0..<40 where violations.isEmpty { act() }
        heal()
        if violations.isEmpty { settle() }
        if violations.isEmpty { check() }
        return violations
    }

    // MARK: What may happen

    /// One thing happens.
    private func act() {
        buryTheDead()
        switch choices.number(0...99) {
        case 0..<62: step(choices.number(0...max(0, hosts.count - 1)))
        case 62..<74: publish()
        case 74..<82: model.advance(by: Int64(choices.number(1...200)))
        case 82..<83: model.advance(by: Int64(choices.number(1_000...20_000)))
        case 83..<87: for host in hosts where choices.once(in: 2) { host.process.flushSome() }
        case 87..<90: model.deliverMarkers()
        case 90..<92: compact()
        case 92..<93: crash()
        case 93..<94: pauseOrResume()
        case 94..<95: stop()
        case 95..<97: if hosts.count < plan.processes { start() }
        case 97..<98: if choices.once(in: 3) { outage() }
        default: follow()
        }
    }

    /// Tells what happens.
    private func note(_ what: @autoclosure () -> String) { trace?("\(model.now): \(what())") }

    private func step(_ index: Int) {
        guard hosts.indices.contains(index) else { return }
        let host = hosts[index]
        if host.process.isPaused || host.process.isCrashed { return }
        attempt(host) { try host.step() }
    }

    private func follow() {
        guard let host = hosts.randomElement(using: &choices), !host.process.isPaused else { return }
        attempt(host) { try host.followOnce() }
    }

    private func attempt(_ host: SimulatedHost, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            note("\(host.name): \(error)")
            if !host.process.isCrashed { violate("\(host.name) cannot go on: \(error)") }
        }
    }

    private func publish() {
        for _ in 0..<choices.number(1...6) where published < plan.records {
            published += 1
            let key = Array("k\(choices.number(0...plan.keys - 1))".utf8)
            let isProfile = choices.once(in: 8)
            let isTombstone = isProfile && choices.once(in: 3)
            let place = TopicPartition(
                isProfile ? Ledger.profiles : Ledger.input, Int32(choices.number(0...Int(plan.tasks) - 1)))
            model.append(place, key: key, value: isTombstone ? nil : Array("v\(published)".utf8))
        }
    }

    private func compact() {
        for number in 0..<plan.tasks {
            model.compact(TopicPartition(Ledger.snapshots, number), dropsTombstones: choices.once(in: 2))
        }
    }

    private func start() {
        // Now and then a process comes back under the name of one that is gone, or of one that still runs.
        if instances == 0 || choices.once(in: 2) { instances += 1 }
        let name = "p\(choices.number(1...instances))"
        if hosts.contains(where: { $0.name == name }) { return }
        note("start \(name)")
        var configuration = configuration
        configuration.instance = name
        let process = SimulatedProcess(model)
        process.sessionTimeout = plan.sessionTimeout
        process.heartbeatInterval = plan.heartbeatInterval
        process.transactionTimeout = Int64(configuration.transactionTimeoutMilliseconds)
        let host = SimulatedHost(
            name: name, process: process, plan: plan, configuration: configuration, logger: logger)
        process.faults = { [weak self, weak host] operation in
            guard let self, let host else { return .none }
            return self.fault(operation, host)
        }
        hosts.append(host)
    }

    /// A process may die at any call, whoever made it.
    private func buryTheDead() { hosts.removeAll { $0.process.isCrashed } }

    private func crash() {
        guard let host = hosts.randomElement(using: &choices) else { return }
        note("crash \(host.name)")
        host.process.crash()
        hosts.removeAll { $0 === host }
    }

    private func stop() {
        guard let host = hosts.randomElement(using: &choices), !host.process.isPaused else { return }
        note("stop \(host.name)")
        host.stop()
        hosts.removeAll { $0 === host }
    }

    private func pauseOrResume() {
        guard let host = hosts.randomElement(using: &choices) else { return }
        host.process.isPaused.toggle()
        note("\(host.name) paused: \(host.process.isPaused)")
    }

    // MARK: Outages

    /// The cluster, or the way to it from one process, is away: for less or more than sessions, rebalances and
    /// transactions last. Those cut off go on trying.
    private func outage() {
        let ofAll = choices.once(in: 2)
        let cutOff = ofAll ? hosts : hosts.randomElement(using: &choices).map { [$0] } ?? []
        let length = Int64([1_000, 5_000, 12_000, 30_000, 70_000][choices.number(0...4)])
        note("outage of \(length) ms for \(cutOff.map(\.name))")
        let end = model.now + length
        for host in cutOff { host.process.cutOffUntil = end }
        while model.now < end, violations.isEmpty {
            buryTheDead()
            step(choices.number(0...max(0, hosts.count - 1)))
            if choices.once(in: 6) { publish() }
            let pause = Int64(choices.number(10...Int(length) / 20))
            model.advance(by: max(0, min(end - model.now, pause)))
        }
        // A broker that was away itself counts sessions from its start.
        if ofAll, choices.once(in: 2) { model.restartSessions() }
    }

    // MARK: Faults in the middle of a call

    private func fault(_ operation: Operation, _ host: SimulatedHost) -> Fault {
        guard !isHealthy, let every = plan.faultEvery, choices.once(in: every) else { return .none }
        let choice = choices.number(0...9)
        note("\(host.name): fault \(choice) at \(operation.call) \(operation.place?.description ?? "")")
        switch choice {
        case 0: return .crashBefore
        case 1: return .crashAfter
        case 2 where operation.call == .endTransaction(isCommit: true):
            // librdkafka asks for an abort when it cannot know whether the commit came through.
            return .lostAnswer(Self.abortable(operation))
        case 2, 3: return .lostAnswer(Self.timedOut)
        case 4: return .error(Self.abortable(operation))
        case 6: return .crashFlushing(batches: choices.number(0...2))
        case 7: return .error(coordinatorError(operation))
        case 5 where depth == 0:
            // The process is stopped in mid-call, the others go on, and its memberships may run out.
            depth += 1
            host.process.isPaused = true
            for _ in 0..<choices.number(5...60) {
                let others = hosts.indices.filter { hosts[$0] !== host }
                if let other = others.randomElement(using: &choices) { step(other) }
                model.advance(by: Int64(choices.number(50...800)))
            }
            host.process.isPaused = false
            depth -= 1
            return .none
        default: return .error(Self.timedOut)
        }
    }

    private static let timedOut = KafkaError(code: -185, reason: "simulated: timed out", remedy: .retry)

    /// In a transaction most errors of brokers mean that it must be aborted.
    private static func abortable(_ operation: Operation) -> KafkaError {
        operation.isTransactional && operation.call != .initProducerID
            ? KafkaError(code: 7, reason: "simulated: the broker gave up", remedy: .abort) : timedOut
    }

    /// What a coordinator says that has just moved, or takes the caller for somebody else.
    private func coordinatorError(_ operation: Operation) -> KafkaError {
        func error(_ code: Int32, _ remedy: KafkaError.Remedy) -> KafkaError {
            KafkaError(code: code, reason: "simulated: error \(code)", remedy: remedy)
        }
        let notCoordinator = error(16, .retry)
        guard operation.isTransactional else { return notCoordinator }
        let expelled = operation.call == .commitTransactionOffsets ? error(25, .abort) : notCoordinator
        // CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE, INVALID_PRODUCER_EPOCH and UNKNOWN_MEMBER_ID.
        return [notCoordinator, error(51, .retry), error(48, .fatal), error(47, .fatal), expelled][
            choices.number(0...4)]
    }

    // MARK: The end

    /// No more faults; everybody who is paused wakes up; somebody is there.
    private func heal() {
        note("all is well from here on")
        isHealthy = true
        buryTheDead()
        for host in hosts { host.process.isPaused = false }
        while hosts.isEmpty { start() }
    }

    /// All input is processed and committed, sooner or later.
    private func settle() {
        let start = model.now
        for _ in 0..<4_000 {
            if isSettled {
                // What the dead left open times out, so that all can be read that was committed.
                settledAfter = model.now - start
                if settledAfter > 2 * plan.sessionTimeout + Self.recoveryMilliseconds {
                    violate("all was processed only after \(settledAfter) ms without a disturbance")
                }
                model.advance(by: 120_000)
                return model.deliverMarkers()
            }
            for index in hosts.indices { step(index) }
            for host in hosts { host.process.flushSome() }
            model.deliverMarkers()
            model.advance(by: 60)
            if !violations.isEmpty { return }
        }
        violate("no end: committed \(committed()) of \(ends())")
    }

    private var isSettled: Bool { committed() == ends() }

    private func committed() -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for place in places { result[place] = model.committedOffset(Self.group, place) ?? 0 }
        return result
    }

    private func ends() -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for place in places { result[place] = model.endOffset(place) }
        return result
    }

    private var places: [TopicPartition] {
        [Ledger.input, Ledger.profiles].flatMap { topic in
            (0..<plan.tasks).map { TopicPartition(topic, $0) }
        }
    }

    func violate(_ what: String) { violations.append(Violation(description: what)) }
}

/// Log lines as lines of the trace.
private struct TraceHandler: LogHandler {
    private let trace: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(_ trace: @escaping @Sendable (String) -> Void) { self.trace = trace }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { trace("    \(event.level): \(event.message)") }
}
