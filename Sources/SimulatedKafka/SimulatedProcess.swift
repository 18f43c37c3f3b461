public import Kafka

/// One process with clients of the simulated cluster. The driver can stop it, wake it, let its calls fail and
/// kill it.
///
/// Nothing waits here: where librdkafka would, a call answers what is so now, and where librdkafka would run
/// into its time-out, it throws that.
public final class SimulatedProcess: Cluster {
    /// The cluster it talks to.
    public let model: ClusterModel
    /// Asked at every call that would reach the cluster. May drive other processes and move time on.
    public var faults: ((Operation) -> Fault)?
    /// While it is set, nothing happens in the background. The driver must not step its owner either.
    public var isPaused = false
    /// Until then, in the model's milliseconds, no call reaches the cluster: each runs into its time-out.
    public var cutOffUntil = Int64.min
    var isCutOff: Bool { model.now < cutOffUntil }
    /// Whether it is dead. All its clients fail from then on, and have no effect.
    public private(set) var isCrashed = false

    /// Milliseconds between heartbeats; 0: at every poll and whenever time moves on.
    public var heartbeatInterval: Int64 = 0
    /// Milliseconds without heartbeats after which the group gives a member up.
    public var sessionTimeout: Int64 = 45_000
    /// Milliseconds that a rebalance waits for a member that does not poll.
    public var rebalanceTimeout: Int64 = 300_000
    /// Milliseconds after which the cluster aborts a transaction.
    public var transactionTimeout: Int64 = 60_000
    /// Records that go out at once, at most.
    public var batchRecords = 10
    /// Records that a producer holds before it refuses more.
    public var queueLimit = 200_000

    private var consumers: [Weak<SimulatedConsumer>] = []
    private var producers: [Weak<SimulatedProducer>] = []
    private static let base = ContinuousClock.now

    /// A process that talks to `model`.
    public init(_ model: ClusterModel) {
        self.model = model
        model.register(self)
    }

    // MARK: What the driver does to it

    /// Kills it. Before that, so many batches of each producer's queue still go out.
    public func crash(flushing batches: Int = 0) {
        if isCrashed { return }
        // Its last words are not asked about.
        faults = nil
        if batches > 0 { flushSome(batches) }
        isCrashed = true
    }

    /// Lets each producer send up to so many batches, as librdkafka's threads do behind the owner's back.
    public func flushSome(_ batches: Int = 1) {
        if isPaused || isCrashed || isCutOff { return }
        for producer in producers { producer.value?.sendBatches(batches) }
    }

    /// Sends the heartbeats of its consumers. The model asks for this whenever time moves on.
    public func beat() {
        if isPaused || isCrashed || isCutOff { return }
        consumers.removeAll { $0.value == nil }
        for consumer in consumers { consumer.value?.beat() }
    }

    /// Makes a call to the cluster, with what befalls it.
    func call<Result>(_ operation: Operation, _ body: () throws(ErrorCode) -> Result) throws(CallFailure)
        -> Result
    {
        let fault = isCrashed ? .none : faults?(operation) ?? .none
        if isCrashed { throw .fault(.dead) }
        if isCutOff { throw .fault(.timedOut("\(operation.call)")) }
        switch fault {
        case .none:
            do throws(ErrorCode) { return try body() } catch { throw .answer(error) }
        case .error(let error): throw .fault(error)
        case .lostAnswer(let error):
            _ = try? body()
            throw .fault(error)
        case .crashBefore: crash()
        case .crashAfter:
            _ = try? body()
            crash()
        case .crashFlushing(let batches): crash(flushing: batches)
        }
        throw .fault(.dead)
    }

    // MARK: Cluster

    /// Makes a consumer.
    public func makeConsumer(group: String, client: String, instance: String?) throws(KafkaError)
        -> any StreamConsumer
    {
        if isCrashed { throw .dead }
        let consumer = SimulatedConsumer(self, group: group, client: client, instance: instance)
        consumers.append(Weak(consumer))
        return consumer
    }

    /// Makes a producer, idempotent if it has no transactional id.
    public func makeProducer(client: String, transactionalID: String?) throws(KafkaError)
        -> any StreamProducer
    {
        if isCrashed { throw .dead }
        let producer = SimulatedProducer(self, client: client, transactionalID: transactionalID)
        producers.removeAll { $0.value == nil }
        producers.append(Weak(producer))
        return producer
    }

    /// How many topic partitions each topic has.
    public func topicPartitionCounts() throws(KafkaError) -> [String: Int32] {
        try ask(.metadata) { model.topicPartitionCounts }
    }

    /// The `client` of each live member of a group.
    public func clients(ofGroup group: String) throws(KafkaError) -> Set<String> {
        try ask(.describeGroup) { Set(model.members(ofGroup: group).values) }
    }

    private func ask<Result>(_ call: Operation.Call, _ body: () -> Result) throws(KafkaError) -> Result {
        do throws(CallFailure) {
            return try self.call(Operation(call: call, client: ""), body)
        } catch {
            throw KafkaError(error, doing: "\(call)", otherwise: .fix)
        }
    }

    /// The model's time.
    public var now: ContinuousClock.Instant { Self.base + .milliseconds(model.now) }

    /// Moves the model's time on.
    public func wait(_ duration: Duration) {
        model.advance(by: Int64((duration / .milliseconds(1)).rounded(.up)))
    }
}
