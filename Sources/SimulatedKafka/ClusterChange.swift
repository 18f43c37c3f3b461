public import Kafka

/// A change that must survive a restart.
///
/// All that a cluster is, but for the members of its groups, is what these make of an empty one. Members are
/// forgotten: they learn that nobody knows them, and join again.
public enum ClusterChange: Sendable, Equatable {
    /// A topic is there.
    case topicCreated(String, topicPartitions: Int32, settings: TopicSettings, number: Int64)
    /// A topic is gone, with its logs.
    case topicDeleted(String)
    /// A topic has more topic partitions, so many in all.
    case topicGrown(String, topicPartitions: Int32)
    /// A topic has other settings.
    case settingsChanged(String, TopicSettings)
    /// A log has grown by a batch: one encoded batch, one marker, or the records of one that is not encoded.
    case appended(TopicPartition, [LogEntry])
    /// A log begins here now.
    case startMoved(TopicPartition, to: Int64)
    /// Of the entries of a log below an offset, only these are left.
    case rewritten(TopicPartition, below: Int64, [LogEntry])
    /// A group committed offsets; in the open transaction of a producer id, if there is one.
    case offsetsCommitted(group: String, [TopicPartition: CommittedOffset], producerID: Int64?)
    /// The offsets that a group holds for the transaction of a producer id count now, or are dropped.
    case offsetsEnded(group: String, producerID: Int64, isCommit: Bool)
    /// A group has no offsets any more in these topic partitions.
    case offsetsDeleted(group: String, [TopicPartition])
    /// A group began a generation.
    case generationBegun(group: String, generation: Int32, protocolType: String)
    /// A group is gone, with its offsets.
    case groupDeleted(String)
    /// A transactional id is in this state.
    case transaction(Transaction)
    /// The next producer id to give out.
    case nextProducerID(Int64)
    /// The next number for a topic.
    case nextTopicNumber(Int64)
}

/// The cluster as the sum of its changes.
extension ClusterModel {
    /// Applies a change that was told of before, by this model or another; tells nobody.
    ///
    /// The changes of each log, and those of all the rest, must come in their order; which of the two comes
    /// first does not matter, except that a log's topic must be there. When all are applied, call
    /// `finishRestore`.
    public func restore(_ change: ClusterChange) { apply(change) }

    /// Goes on with what a restart interrupted: the markers of transactions whose end was decided, and the end
    /// of what no coordinator knows to be open. These are changes like others, and told of.
    public func finishRestore() {
        for (name, transaction) in transactions.sorted(by: { $0.key < $1.key }) {
            if case .prepared(let isCommit) = transaction.state {
                // Where nothing is open, the marker has arrived, or nothing was written.
                let targets = transaction.targets.filter { target in
                    switch target {
                    case .place(let place): logs[place]?.open[transaction.producer.id] != nil
                    case .group(let group): groups[group]?.hasPending(of: transaction.producer.id) ?? false
                    }
                }
                sendMarkers(of: name, to: targets, isCommit: isCommit)
            }
        }
        let known = Set(transactions.values.filter(\.isOpen).map(\.producer.id))
        for place in logs.keys.sorted() {
            for id in logs[place]?.open.keys.sorted() ?? [] where !known.contains(id) {
                guard let epoch = logs[place]?.epoch(of: id) else { continue }
                appendMarker(isCommit: false, by: ProducerIdentity(id: id, epoch: epoch), to: place)
            }
        }
    }

    /// Changes that make all of an empty cluster but the entries of its logs, and no more of them than needed.
    public func state() -> [ClusterChange] {
        var changes: [ClusterChange] = []
        for (name, topic) in topics.sorted(by: { $0.value.number < $1.value.number }) {
            changes.append(
                .topicCreated(
                    name, topicPartitions: topic.count, settings: topic.settings, number: topic.number))
        }
        for (place, log) in logs.sorted(by: { $0.key < $1.key }) where log.start > 0 {
            changes.append(.startMoved(place, to: log.start))
        }
        for (name, group) in groups.sorted(by: { $0.key < $1.key }) { changes += group.state(name) }
        for (_, transaction) in transactions.sorted(by: { $0.key < $1.key }) {
            changes.append(.transaction(transaction))
        }
        return changes + [.nextProducerID(nextProducerID), .nextTopicNumber(nextTopicNumber)]
    }

    /// Makes a change, and tells of it.
    func make(_ change: ClusterChange) {
        apply(change)
        onChange?(change)
    }

    /// The change that is made most often, without its wrapping where nobody listens.
    func append(_ entries: [LogEntry], to place: TopicPartition) {
        logs[place]?.take(entries)
        onChange?(.appended(place, entries))
    }

    private func apply(_ change: ClusterChange) {
        switch change {
        case .topicCreated(let name, let count, let settings, let number):
            topics[name] = Topic(number: number, count: 0, settings: settings, stored: StoredTopic(name))
            nextTopicNumber = max(nextTopicNumber, number + 1)
            grow(name, to: count)
        case .topicDeleted(let name):
            for number in 0..<(topics[name]?.count ?? 0) { logs[TopicPartition(name, number)] = nil }
            topics[name] = nil
        case .topicGrown(let name, let count): grow(name, to: count)
        case .settingsChanged(let name, let settings): topics[name]?.settings = settings
        case .appended(let place, let entries): logs[place]?.take(entries)
        case .startMoved(let place, let offset): logs[place]?.moveStart(to: offset)
        case .rewritten(let place, let limit, let entries): logs[place]?.rewrite(below: limit, entries)
        case .offsetsCommitted(let name, let offsets, let producerID):
            group(name) { $0.store(offsets, inTransactionOf: producerID, keepsHistory: keepsCommitHistory) }
        case .offsetsEnded(let name, let producerID, let isCommit):
            group(name) {
                $0.endTransaction(of: producerID, isCommit: isCommit, keepsHistory: keepsCommitHistory)
            }
        case .offsetsDeleted(let name, let places): group(name) { $0.forget(places) }
        case .generationBegun(let name, let generation, let type):
            group(name) { $0.restore(generation: generation, protocolType: type) }
        case .groupDeleted(let name): groups[name] = nil
        case .transaction(let transaction): transactions[transaction.transactionalID] = transaction
        case .nextProducerID(let id): nextProducerID = max(nextProducerID, id)
        case .nextTopicNumber(let number): nextTopicNumber = max(nextTopicNumber, number)
        }
    }

    private func group(_ name: String, _ body: (inout ConsumerGroup) -> Void) {
        body(&groups[name, default: ConsumerGroup()])
    }

    private func grow(_ name: String, to count: Int32) {
        for number in (topics[name]?.count ?? 0)..<count {
            let place = TopicPartition(name, number)
            logs[place] = PartitionLog(place)
        }
        topics[name]?.count = count
    }
}
