public import Kafka

/// What the transaction coordinator knows of a transactional id.
struct Transaction {
    enum State {
        case empty, ongoing
        case prepared(isCommit: Bool)
        case complete(isCommit: Bool)
    }

    var producer: ProducerIdentity
    var timeout: Int64
    var state = State.empty
    var startedAt: Int64 = 0
    /// What was added to it.
    var targets: Set<PendingMarker.Target> = []

    /// When it is aborted, unless it ends before.
    var deadline: Int64? {
        if case .ongoing = state { startedAt + timeout } else { nil }
    }
}

/// A marker on its way.
public struct PendingMarker: Sendable, Equatable {
    /// Where a marker goes.
    public enum Target: Sendable, Hashable, Comparable {
        /// To a topic partition that was written to.
        case place(TopicPartition)
        /// To the offsets of a group.
        case group(String)
    }

    /// Whose transaction it ends.
    public var transactionalID: String
    /// Where it goes.
    public var target: Target
    /// Whether it commits or aborts.
    public var isCommit: Bool
    /// Who is told to be the producer.
    var producer: ProducerIdentity
    /// When it arrives at the latest; none if nobody waits.
    var due: Int64?
}

/// The transaction coordinator.
extension ClusterModel {
    // MARK: Requests

    /// InitProducerId. With a transactional id, it ends what an earlier holder left open and bumps the epoch:
    /// as long as that takes, the answer is CONCURRENT_TRANSACTIONS and the request is to be made again.
    public func initProducerID(transactionalID: String?, timeout: Int64 = 60_000) throws(ErrorCode)
        -> ProducerIdentity
    {
        guard let name = transactionalID else { return ProducerIdentity(id: makeProducerID(), epoch: 0) }
        guard let known = transactions[name] else {
            let producer = ProducerIdentity(id: makeProducerID(), epoch: 0)
            transactions[name] = Transaction(producer: producer, timeout: timeout)
            return producer
        }
        switch known.state {
        case .prepared: throw .concurrentTransactions
        case .ongoing:
            fence(name)
            throw .concurrentTransactions
        case .empty, .complete:
            var producer = known.producer
            if producer.epoch >= Int16.max - 1 {
                producer = ProducerIdentity(id: makeProducerID(), epoch: 0)
            } else {
                producer.epoch += 1
            }
            transactions[name] = Transaction(producer: producer, timeout: timeout)
            return producer
        }
    }

    /// AddPartitionsToTxn.
    public func addPartitions(
        _ places: [TopicPartition], transactionalID: String, producer: ProducerIdentity
    ) throws(ErrorCode) {
        for place in places where logs[place] == nil { throw .unknownTopicOrPartition }
        try open(transactionalID, producer)
        transactions[transactionalID]?.targets.formUnion(places.map { .place($0) })
    }

    /// AddOffsetsToTxn.
    public func addOffsets(ofGroup group: String, transactionalID: String, producer: ProducerIdentity)
        throws(ErrorCode)
    {
        try open(transactionalID, producer)
        transactions[transactionalID]?.targets.insert(.group(group))
    }

    /// EndTxn. Answered when it is decided; the markers follow. To ask again for the same is harmless.
    public func endTransaction(_ transactionalID: String, producer: ProducerIdentity, isCommit: Bool)
        throws(ErrorCode)
    {
        let transaction = try transaction(transactionalID, producer)
        switch transaction.state {
        case .ongoing: prepare(transactionalID, isCommit: isCommit)
        case .prepared(isCommit): throw .concurrentTransactions
        case .complete(isCommit): return
        case .prepared, .complete, .empty: throw .invalidTransactionState
        }
    }

    // MARK: Markers

    /// The markers that have not arrived, in the order of their times.
    public var pendingMarkers: [PendingMarker] { markers }

    /// Delivers the markers that are on their way, all or so many.
    public func deliverMarkers(_ maximum: Int = .max) {
        for marker in markers.prefix(maximum) { deliver(marker) }
    }

    /// Delivers one marker before its time.
    public func deliver(_ marker: PendingMarker) {
        guard let index = markers.firstIndex(of: marker) else { return }
        markers.remove(at: index)
        arrive(marker)
        completeIfAllArrived(marker.transactionalID)
    }

    func deliverDueMarkers() {
        for marker in markers where marker.due.map({ $0 <= now }) ?? true { deliver(marker) }
    }

    func expireTransactions() {
        for name in transactions.keys.sorted() {
            if let deadline = transactions[name]?.deadline, deadline <= now { fence(name) }
        }
    }

    // MARK: Checks

    /// What a producer writes must belong to its open transaction, and that must know where it goes.
    func verify(_ target: PendingMarker.Target, _ producer: ProducerIdentity, _ transactionalID: String)
        throws(ErrorCode)
    {
        let found: Transaction
        do throws(ErrorCode) {
            found = try transaction(transactionalID, producer)
        } catch {
            // Partition leaders and group coordinators know the newer epoch as an invalid one.
            throw error == .producerFenced ? .invalidProducerEpoch : error
        }
        guard case .ongoing = found.state, found.targets.contains(target) else {
            throw .invalidTransactionState
        }
    }

    private func transaction(_ name: String, _ producer: ProducerIdentity) throws(ErrorCode) -> Transaction {
        guard let transaction = transactions[name], transaction.producer.id == producer.id else {
            throw .invalidProducerIDMapping
        }
        if transaction.producer.epoch != producer.epoch { throw .producerFenced }
        return transaction
    }

    // MARK: From state to state

    private func open(_ name: String, _ producer: ProducerIdentity) throws(ErrorCode) {
        switch try transaction(name, producer).state {
        case .ongoing: return
        case .prepared: throw .concurrentTransactions
        case .empty, .complete:
            transactions[name]?.state = .ongoing
            transactions[name]?.startedAt = now
        }
    }

    /// Aborts what is open, with an epoch that its producer does not have.
    private func fence(_ name: String) {
        transactions[name]?.producer.epoch += 1
        prepare(name, isCommit: false)
    }

    private func prepare(_ name: String, isCommit: Bool) {
        guard let transaction = transactions[name] else { return }
        transactions[name]?.state = .prepared(isCommit: isCommit)
        var targets = transaction.targets.sorted()
        if delaysMarkers, !targets.isEmpty {
            // Another one is first each time.
            endedTransactions += 1
            let first = endedTransactions % targets.count
            targets = Array(targets[first...] + targets[..<first])
        }
        for (index, target) in targets.enumerated() {
            let marker = PendingMarker(
                transactionalID: name, target: target, isCommit: isCommit, producer: transaction.producer,
                due: delaysMarkers ? now + markerDelay * Int64(index + 1) : nil)
            if delaysMarkers { markers.append(marker) } else { arrive(marker) }
        }
        completeIfAllArrived(name)
    }

    private func arrive(_ marker: PendingMarker) {
        switch marker.target {
        case .place(let place): logs[place]?.appendMarker(isCommit: marker.isCommit, by: marker.producer)
        case .group(let group):
            groups[group]?.endTransaction(of: marker.producer.id, isCommit: marker.isCommit)
        }
    }

    private func completeIfAllArrived(_ name: String) {
        guard case .prepared(let isCommit) = transactions[name]?.state,
            !markers.contains(where: { $0.transactionalID == name })
        else { return }
        transactions[name]?.state = .complete(isCommit: isCommit)
        transactions[name]?.targets = []
    }
}
