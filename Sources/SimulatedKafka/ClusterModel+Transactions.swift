public import Kafka

/// What the transaction coordinator knows of a transactional id.
public struct Transaction: Sendable, Equatable {
    /// Where its last transaction stands.
    public enum State: Sendable, Equatable {
        /// There was none yet.
        case empty
        /// It is open.
        case ongoing
        /// It is decided; the markers are on their way.
        case prepared(isCommit: Bool)
        /// It is over.
        case complete(isCommit: Bool)
    }

    /// The transactional id.
    public var transactionalID: String
    /// Who holds it.
    public var producer: ProducerIdentity
    /// Who held it before its producer asked for another epoch; none if somebody else took it over.
    public var previous: ProducerIdentity?
    /// Milliseconds after which an open transaction is aborted.
    public var timeout: Int64
    /// Where its last transaction stands.
    public var state: State
    /// When that began, in epoch milliseconds.
    public var startedAt: Int64
    /// What was added to it.
    public var targets: Set<PendingMarker.Target>

    /// Describes a transactional id.
    public init(
        transactionalID: String, producer: ProducerIdentity, previous: ProducerIdentity? = nil,
        timeout: Int64, state: State = .empty, startedAt: Int64 = 0,
        targets: Set<PendingMarker.Target> = []
    ) {
        self.transactionalID = transactionalID
        self.producer = producer
        self.previous = previous
        self.timeout = timeout
        self.state = state
        self.startedAt = startedAt
        self.targets = targets
    }

    /// When it is aborted, unless it ends before.
    var deadline: Int64? { state == .ongoing ? startedAt + timeout : nil }

    /// Whether its records and offsets wait for markers, now or later.
    var isOpen: Bool {
        switch state {
        case .ongoing, .prepared: true
        case .empty, .complete: false
        }
    }

    /// The greatest epoch that is given out: the one above is for fencing whoever has it.
    var isExhausted: Bool { producer.epoch >= Int16.max - 1 }
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
    ///
    /// A holder that goes on after an error tells who it is. If somebody else has taken over meanwhile, it gets
    /// PRODUCER_FENCED; to ask again for an epoch that was given already is harmless. Without a transactional
    /// id Kafka always gives a new producer id, and so does the model. `timeout` is in milliseconds, 15 minutes
    /// at most, or the answer is INVALID_TRANSACTION_TIMEOUT.
    public func initProducerID(
        transactionalID: String?, timeout: Int64 = 60_000, expecting expected: ProducerIdentity? = nil
    ) throws(ErrorCode) -> ProducerIdentity {
        guard let name = transactionalID else { return ProducerIdentity(id: makeProducerID(), epoch: 0) }
        if !(1...900_000).contains(timeout) { throw .invalidTransactionTimeout }
        guard let known = transactions[name] else {
            let producer = ProducerIdentity(id: makeProducerID(), epoch: 0)
            make(.transaction(Transaction(transactionalID: name, producer: producer, timeout: timeout)))
            return producer
        }
        if let expected, expected.id != known.producer.id, expected != known.previous {
            throw .producerFenced
        }
        switch known.state {
        case .prepared: throw .concurrentTransactions
        case .ongoing:
            fence(name)
            throw .concurrentTransactions
        case .empty, .complete:
            var next = Transaction(
                transactionalID: name, producer: known.producer, timeout: timeout, state: .empty)
            if let expected, expected == known.previous {
                // The answer to its last request got lost.
                next.previous = known.previous
            } else if let expected, expected != known.producer {
                throw .producerFenced
            } else {
                next.previous = expected
                if known.isExhausted {
                    next.producer = ProducerIdentity(id: makeProducerID(), epoch: 0)
                } else {
                    next.producer.epoch += 1
                }
            }
            make(.transaction(next))
            return next.producer
        }
    }

    /// AddPartitionsToTxn.
    public func addPartitions(
        _ places: [TopicPartition], transactionalID: String, producer: ProducerIdentity
    ) throws(ErrorCode) {
        for place in places where logs[place] == nil { throw .unknownTopicOrPartition }
        try add(Set(places.map { .place($0) }), transactionalID, producer)
    }

    /// AddPartitionsToTxn, with an error for each topic partition. None is added where one does not exist: that
    /// is UNKNOWN_TOPIC_OR_PARTITION, and the others are OPERATION_NOT_ATTEMPTED.
    public func partitionErrors(
        adding places: [TopicPartition], transactionalID: String, producer: ProducerIdentity
    ) -> [TopicPartition: ErrorCode] {
        var errors: [TopicPartition: ErrorCode] = [:]
        if places.contains(where: { logs[$0] == nil }) {
            for place in places {
                errors[place] = logs[place] == nil ? .unknownTopicOrPartition : .operationNotAttempted
            }
            return errors
        }
        do throws(ErrorCode) {
            try addPartitions(places, transactionalID: transactionalID, producer: producer)
        } catch {
            for place in places { errors[place] = error }
        }
        return errors
    }

    /// AddOffsetsToTxn.
    public func addOffsets(ofGroup group: String, transactionalID: String, producer: ProducerIdentity)
        throws(ErrorCode)
    {
        if group.isEmpty { throw .invalidGroupID }
        try add([.group(group)], transactionalID, producer)
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

    private func add(
        _ targets: Set<PendingMarker.Target>, _ name: String, _ producer: ProducerIdentity
    ) throws(ErrorCode) {
        var known = try transaction(name, producer)
        switch known.state {
        case .ongoing: if targets.isSubset(of: known.targets) { return }
        case .prepared: throw .concurrentTransactions
        case .empty, .complete:
            known.state = .ongoing
            known.startedAt = now
        }
        known.targets.formUnion(targets)
        make(.transaction(known))
    }

    /// Aborts what is open, with an epoch that its producer does not have.
    private func fence(_ name: String) {
        transactions[name]?.producer.epoch += 1
        transactions[name]?.previous = nil
        prepare(name, isCommit: false)
    }

    private func prepare(_ name: String, isCommit: Bool) {
        guard var transaction = transactions[name] else { return }
        transaction.state = .prepared(isCommit: isCommit)
        make(.transaction(transaction))
        sendMarkers(of: name, to: transaction.targets, isCommit: isCommit)
    }

    /// Sends the markers of a decided transaction on their way.
    func sendMarkers(of name: String, to targets: Set<PendingMarker.Target>, isCommit: Bool) {
        guard let producer = transactions[name]?.producer else { return }
        var targets = targets.sorted()
        if delaysMarkers, !targets.isEmpty {
            // Another one is first each time.
            endedTransactions += 1
            let first = endedTransactions % targets.count
            targets = Array(targets[first...] + targets[..<first])
        }
        for (index, target) in targets.enumerated() {
            let marker = PendingMarker(
                transactionalID: name, target: target, isCommit: isCommit, producer: producer,
                due: delaysMarkers ? now + markerDelay * Int64(index + 1) : nil)
            if delaysMarkers { markers.append(marker) } else { arrive(marker) }
        }
        completeIfAllArrived(name)
    }

    private func arrive(_ marker: PendingMarker) {
        switch marker.target {
        case .place(let place): appendMarker(isCommit: marker.isCommit, by: marker.producer, to: place)
        case .group(let group):
            guard groups[group]?.hasPending(of: marker.producer.id) == true else { return }
            make(
                .offsetsEnded(group: group, producerID: marker.producer.id, isCommit: marker.isCommit))
        }
    }

    /// Ends the producer's transaction in a topic partition, if that is still there.
    func appendMarker(isCommit: Bool, by producer: ProducerIdentity, to place: TopicPartition) {
        guard let entry = logs[place]?.marker(isCommit: isCommit, by: producer, now: now) else { return }
        append([entry], to: place)
    }

    private func completeIfAllArrived(_ name: String) {
        guard var transaction = transactions[name], case .prepared(let isCommit) = transaction.state,
            !markers.contains(where: { $0.transactionalID == name })
        else { return }
        transaction.state = .complete(isCommit: isCommit)
        transaction.targets = []
        make(.transaction(transaction))
    }
}
