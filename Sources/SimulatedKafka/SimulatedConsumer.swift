public import Kafka

/// A consumer that behaves as librdkafka's does with `range` and the eager protocol, except that nothing
/// happens behind its owner's back but heartbeats: it joins during `poll` and `accept`.
public final class SimulatedConsumer: StreamConsumer {
    /// Where the member stands.
    enum Phase {
        /// It is in no group.
        case outside
        /// It has to join.
        case joining
        /// It joined and waits for its share.
        case syncing(assignments: [String: [UInt8]])
        /// It has its share, answered for or not.
        case steady
    }

    /// What a heartbeat told that the next poll must act on.
    enum Summons { case rejoin, lost }

    let process: SimulatedProcess
    let group: String
    let client: String
    var topics: [String] = []
    var phase = Phase.outside
    var membership = Membership()
    var summons: Summons?
    var lastHeartbeat = Int64.min
    /// What the group gave it.
    var share: [TopicPartition] = []
    /// Decided, and not yet taken by the owner.
    var noted: Rebalance?
    /// What ended the membership for good.
    var failure: KafkaError?
    /// Whether the owner still has to answer.
    var isAnswerDue = false
    private var isClosed = false

    /// From where each is fetched next; nil: from where the group left off.
    private var positions: [TopicPartition: Int64?] = [:]
    /// Stays as it is when topic partitions are given away and come back, as in librdkafka.
    private var paused: Set<TopicPartition> = []
    /// The ends that were reported.
    private var ends: [TopicPartition: Int64] = [:]
    private var polls = 0

    init(_ process: SimulatedProcess, group: String, client: String, instance: String?) {
        self.process = process
        self.group = group
        self.client = client
        membership.instanceID = instance
    }

    var model: ClusterModel { process.model }

    var isDead: Bool { isClosed || process.isCrashed }

    func call<Result>(
        _ call: Operation.Call, _ place: TopicPartition? = nil, _ body: () throws(ErrorCode) -> Result
    ) throws(CallFailure) -> Result {
        try process.call(Operation(call: call, place: place, client: client), body)
    }

    // MARK: Reading

    /// Joins the group for `topics`.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        try checkAlive()
        self.topics = topics
        phase = .joining
    }

    /// Reads exactly these topic partitions, outside of any group.
    public func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        try checkAlive()
        positions = offsets.mapValues { $0 }
        paused = []
        ends = [:]
    }

    /// Takes what is there, up to `maximum`; waits only while its process is cut off from the cluster.
    public func poll(maximum: Int, timeoutMilliseconds: Int32) -> MessageBatch {
        if process.isCutOff { model.advance(by: Int64(timeoutMilliseconds)) }
        var items: [BatchItem] = []
        if !isDead { serve() }
        // The call may be the last one: what was fetched by then never reaches its owner.
        if !isDead && !isAnswerDue { items = fetchAll(maximum) }
        return MessageBatch(isDead ? [] : items, topics: model.storedTopics)
    }

    private func fetchAll(_ maximum: Int) -> [BatchItem] {
        var items: [BatchItem] = []
        var places = positions.keys.sorted().filter { !paused.contains($0) }
        if places.isEmpty { return [] }
        // Another one is first each time.
        polls += 1
        let first = polls % places.count
        places = Array(places[first...] + places[..<first])
        for place in places where items.count < maximum && !isDead {
            do throws(CallFailure) {
                try fetch(place, maximum, &items)
            } catch {
                // librdkafka tries again by itself.
            }
        }
        return items
    }

    private func fetch(_ place: TopicPartition, _ maximum: Int, _ items: inout [BatchItem])
        throws(CallFailure)
    {
        let position = try position(of: place)
        let answer: FetchAnswer
        do throws(CallFailure) {
            answer = try call(.fetch, place) { () throws(ErrorCode) in
                try model.fetch(
                    place, from: position, maximum: maximum - items.count, readsCommitted: true)
            }
        } catch {
            if case .answer(.offsetOutOfRange) = error {
                try tell(outOfRange: place, &items)
                return
            }
            throw error
        }
        items += answer.records.map { .record($0) }
        positions[place] = answer.next
        let isAtEnd = answer.next >= answer.lastStableOffset && ends[place] != answer.next
        if isAtEnd, items.count < maximum {
            ends[place] = answer.next
            items.append(.event(.end(place, next: answer.next)))
        }
    }

    /// A member's auto.offset.reset is "error", another reader's "earliest".
    private func tell(outOfRange place: TopicPartition, _ items: inout [BatchItem]) throws(CallFailure) {
        if topics.isEmpty {
            positions[place] = model.startOffset(place)
        } else {
            positions[place] = nil
            items.append(
                .event(.failure(KafkaError(code: -140, reason: "\(place): no such offset", remedy: .fix))))
        }
    }

    private func position(of place: TopicPartition) throws(CallFailure) -> Int64 {
        if let known = positions[place] ?? nil { return known }
        let stored = try call(.fetchOffsets, place) { () throws(ErrorCode) in
            try model.fetchOffsets([place], group: group, requiresStable: true)
        }
        let position = stored[place] ?? model.startOffset(place)
        positions[place] = position
        return position
    }

    /// Stops fetching.
    public func pause(_ places: [TopicPartition]) throws(KafkaError) {
        try checkAlive()
        paused.formUnion(places.filter { positions.keys.contains($0) })
    }

    /// Goes on fetching.
    public func resume(_ places: [TopicPartition]) throws(KafkaError) {
        try checkAlive()
        paused.subtract(places)
    }

    // MARK: Rebalances

    /// What the group decided during the last poll.
    public func takeRebalance() -> Rebalance? {
        defer { noted = nil }
        return noted
    }

    /// Takes over topic partitions from the offsets given, or gives them away and joins anew.
    public func accept(_ rebalance: Rebalance, startingAt offsets: [TopicPartition: Int64])
        throws(KafkaError)
    {
        try checkAlive()
        isAnswerDue = false
        ends = [:]
        positions = [:]
        switch rebalance {
        case .assign(let places, _):
            for place in places { positions[place] = .some(offsets[place]) }
        case .revoke:
            share = []
            phase = .joining
            join()
        }
    }

    // MARK: Offsets

    /// The group's committed offsets; a time-out where transactions are about to change them.
    public func committed(_ places: [TopicPartition], timeoutMilliseconds: Int32) throws(KafkaError)
        -> [TopicPartition: OffsetAndMetadata]
    {
        try checkAlive()
        do throws(CallFailure) {
            return try call(.fetchOffsets) { () throws(ErrorCode) in
                let found = model.committedOffsets(group, places, requiresStable: true)
                if !found.unstable.isEmpty { throw .unstableOffsetCommit }
                return found.offsets.mapValues { OffsetAndMetadata($0.offset, metadata: $0.metadata) }
            }
        } catch {
            throw KafkaError(error, doing: "read committed offsets", otherwise: .fix)
        }
    }

    /// Commits offsets outside of a transaction.
    public func commit(_ offsets: [TopicPartition: OffsetAndMetadata], timeoutMilliseconds: Int32)
        throws(KafkaError)
    {
        try checkAlive()
        if offsets.isEmpty { return }
        do throws(CallFailure) {
            try call(.commitOffsets) { () throws(ErrorCode) in
                try model.commitOffsets(
                    offsets.mapValues { CommittedOffset($0.offset, metadata: $0.metadata) }, group: group,
                    by: membership)
            }
        } catch {
            let isRebalancing = if case .answer(.rebalanceInProgress) = error { true } else { false }
            throw KafkaError(error, doing: "commit offsets", otherwise: isRebalancing ? .retry : .fix)
        }
    }

    /// The offsets that a log holds now.
    public func logRange(of place: TopicPartition, timeoutMilliseconds: Int32) throws(KafkaError)
        -> Range<Int64>
    {
        try checkAlive()
        do throws(CallFailure) {
            return try call(.listOffsets, place) { model.startOffset(place)..<model.endOffset(place) }
        } catch {
            throw KafkaError(error, doing: "read the ends of \(place)", otherwise: .fix)
        }
    }

    // MARK: The end

    /// Set once the process is dead, or another one has its instance id.
    public var fatalError: KafkaError? { process.isCrashed ? .dead : failure }

    /// Ends the instance; the group is told if it is to be left.
    public func close(leavesGroup: Bool) {
        if isDead { return }
        if leavesGroup, !membership.memberID.isEmpty {
            do throws(CallFailure) {
                try call(.leaveGroup) { () throws(ErrorCode) in
                    try model.leaveGroup(
                        group, memberID: membership.memberID, instanceID: membership.instanceID)
                }
            } catch {
                // The session runs out then.
            }
        }
        isClosed = true
        phase = .outside
        positions = [:]
        noted = nil
    }

    private func checkAlive() throws(KafkaError) {
        if process.isCrashed { throw .dead }
        if isClosed { throw .closed }
    }
}
