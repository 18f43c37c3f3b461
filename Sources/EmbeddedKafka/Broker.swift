internal import Foundation
internal import Kafka
internal import Logging
internal import NIOCore
internal import SimulatedKafka

/// The broker behind all connections: the model of a cluster, its clock, and the requests that wait.
///
/// Everything happens on one event loop, so nothing here is locked.
final class Broker {
    /// There is one leader for ever.
    static let leaderEpoch: Int32 = 0

    struct Node {
        var id: Int32 = 1
        var host: String
        var port: Int32
    }

    let model = ClusterModel()
    let limits: BrokerLimits
    let clusterID: String
    var node: Node
    var faults = Faults()
    let unfinished: UnfinishedRequests
    let logger: Logger
    let storage: Storage?
    var memory = MemoryUse()
    var nextMemoryWarning: Int64 = 0
    private let eventLoop: any EventLoop
    private var isOnline = true
    /// How it came to its end, once it has.
    private(set) var ending: Result<Void, StorageError>?
    private var waitingForEnd: [(Result<Void, StorageError>) -> Void] = []
    private var connections: [ObjectIdentifier: any Channel] = [:]
    private var parked: [ObjectIdentifier: Parked] = [:]
    private var changedPlaces: Set<TopicPartition> = []
    private var changedGroups: Set<String> = []
    private var isWakeScheduled = false
    private var nextCleaning: Int64 = 0

    /// With storage, what is there is restored first.
    init(
        _ limits: BrokerLimits, node: Node, storage: Storage? = nil, logger: Logger,
        on eventLoop: any EventLoop
    ) throws(StorageError) {
        self.limits = limits
        self.storage = storage
        clusterID = (storage?.identity ?? BrokerIdentity()).clusterID
        unfinished = UnfinishedRequests(limit: limits.unfinishedBytes)
        self.node = node
        self.node.id = (storage?.identity ?? BrokerIdentity()).nodeID
        self.logger = logger
        self.eventLoop = eventLoop
        model.refusesOffsetsWhileSharingOut = false
        model.keepsCommitHistory = false
        model.recoder = WireBatchRecoder(limits)
        // Nobody is to guess another one's name.
        model.makeName = { "\($0)-\(UUID().uuidString.lowercased())" }
        model.advance(to: Self.now)
        try storage?.restore(model)
        memory = MemoryUse(model)
        model.onChange = { [unowned self] change in
            storage?.note(change)
            memory.note(change)
            if case .appended(let place, _) = change { noteChange(of: place) }
        }
        model.finishRestore()
        try flush()
        scheduleTick()
    }

    /// Epoch milliseconds.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    // MARK: Connections

    /// Whether one more connection is welcome.
    var hasRoom: Bool { isOnline && connections.count < limits.connections }

    func opened(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = channel }

    func closed(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = nil }

    /// Off the network, every connection ends and none is taken.
    func setOnline(_ isOnline: Bool) {
        self.isOnline = isOnline && ending == nil
        if !isOnline { for channel in connections.values { channel.close(promise: nil) } }
    }

    /// Nothing is answered any more, for ever.
    func end(_ result: Result<Void, StorageError>) {
        if ending != nil { return }
        ending = result
        setOnline(false)
        for told in waitingForEnd { told(result) }
        waitingForEnd = []
    }

    /// Tells of the end when it comes.
    func whenEnded(_ told: @escaping (Result<Void, StorageError>) -> Void) {
        if let ending { told(ending) } else { waitingForEnd.append(told) }
    }

    // MARK: Waiting

    /// A request that waits, and how it is asked again; `true` once it was answered.
    struct Parked {
        var wait: Wait
        var deadline: Int64?
        var retry: (_ isDue: Bool) -> Bool
    }

    func park(_ id: ObjectIdentifier, _ wait: Wait, retry: @escaping (_ isDue: Bool) -> Bool) {
        parked[id] = Parked(wait: wait, deadline: wait.milliseconds.map { model.now + $0 }, retry: retry)
    }

    func forget(_ id: ObjectIdentifier) { parked[id] = nil }

    /// Something was appended: a record, or the end of a transaction, which lets others be seen.
    private func noteChange(of place: TopicPartition) {
        changedPlaces.insert(place)
        scheduleWake()
    }

    /// To be called after requests about groups: others may wait for what they did.
    func noteGroupChanges() {
        let groups = model.takeChangedGroups()
        if groups.isEmpty { return }
        changedGroups.formUnion(groups)
        scheduleWake()
    }

    /// Once for all that arrives in one turn of the loop.
    private func scheduleWake() {
        if isWakeScheduled { return }
        isWakeScheduled = true
        eventLoop.assumeIsolated().execute { self.wake() }
    }

    private func wake() {
        isWakeScheduled = false
        let (places, groups) = (changedPlaces, changedGroups)
        changedPlaces = []
        changedGroups = []
        for (id, request) in parked {
            let concerns =
                switch request.wait.subject {
                case .nothing: false
                case .places(let waited): !waited.isDisjoint(with: places)
                case .group(let name): groups.contains(name)
                }
            if concerns { ask(id, isDue: false) }
        }
    }

    private func ask(_ id: ObjectIdentifier, isDue: Bool) {
        guard let request = parked.removeValue(forKey: id) else { return }
        // It may have been parked anew meanwhile, by the next request of its connection.
        if !request.retry(isDue), parked[id] == nil { parked[id] = request }
    }

    private func scheduleTick() {
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(limits.tickMilliseconds)) { [weak self] in
            guard let self, self.ending == nil else { return }
            self.tick()
            self.scheduleTick()
        }
    }

    /// Moves the model's time on, which may end sessions, rebalances and transactions.
    private func tick() {
        model.advance(to: Self.now)
        noteGroupChanges()
        for (id, request) in parked {
            if let deadline = request.deadline, deadline <= model.now { ask(id, isDue: true) }
        }
        if model.now >= nextCleaning {
            nextCleaning = model.now + limits.cleaningMilliseconds
            model.cleanLogs()
        }
        // A failure ends the broker, and there is nobody here to be told.
        try? flush()
    }
}

/// What the broker takes at most.
public struct BrokerLimits: Sendable {
    /// The largest request in bytes; a longer one ends the connection.
    public var requestBytes = 32 << 20
    /// The most that incomplete requests of all connections may take up, in bytes.
    public var unfinishedBytes = 256 << 20
    /// The most that one fetch answers, in bytes, unless a single batch is larger.
    public var fetchBytes = 16 << 20
    /// The most that the records of one batch may unpack to, in bytes; read where the broker has to look inside.
    public var decompressedBytes = 64 << 20
    /// How many connections at a time.
    public var connections = 1_000
    /// Milliseconds after which a connection without a request ends.
    public var idleMilliseconds: Int64 = 600_000
    /// Milliseconds between two looks at what has run out: sessions, waits, transactions.
    public var tickMilliseconds: Int64 = 10
    /// Milliseconds between two looks at what the topics' settings allow to delete or compact.
    public var cleaningMilliseconds: Int64 = 1_000
    /// The most that the records of all logs may take up in memory, in bytes; beyond it none are taken.
    public var memoryBytes: Int64 = 1 << 30
    /// With storage: after how many milliseconds at most what was written is made to outlive a loss of power.
    /// With 0 each request waits for that. A crash of the broker alone loses nothing either way.
    public var flushMilliseconds: Int64 = 1_000
    /// With storage: the largest file of a log, in bytes, unless the topic's segment.bytes is less.
    public var segmentBytes: Int64 = 64 << 20
    /// With storage: by how many bytes the journal grows before it is written anew.
    public var journalBytes: Int64 = 8 << 20
    /// With storage: the files of a log are compacted once that saves so many bytes.
    public var compactionBytes: Int64 = 1 << 20
    /// With storage: how many files of logs are open at a time.
    public var openFiles = 256
    /// How many topic partitions there may be in all.
    public var topicPartitions = 20_000
    /// A topic whose records say what is to go wrong, in the words of `Fault`; nil: nobody can ask for that.
    public var faultTopic: String?
    /// Whether a topic that a client asks for is created.
    public var createsTopics = true
    /// How many topic partitions it then has.
    public var defaultTopicPartitions: Int32 = 4

    /// The defaults.
    public init() {}
}
