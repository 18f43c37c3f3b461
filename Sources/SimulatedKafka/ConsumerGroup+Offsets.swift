internal import Kafka

/// The offsets of a group.
extension ConsumerGroup {
    var allPlaces: Set<TopicPartition> {
        pending.values.reduce(into: Set(offsets.keys)) { $0.formUnion($1.keys) }
    }

    func committed(_ places: [TopicPartition]?, requiresStable: Bool) -> CommittedOffsets {
        var result = CommittedOffsets()
        for place in places ?? Array(allPlaces) {
            if requiresStable, pending.values.contains(where: { $0[place] != nil }) {
                result.unstable.insert(place)
            } else {
                result.offsets[place] = offsets[place]?.value
            }
        }
        return result
    }

    func checkCommit(_ membership: Membership, isRefusedWhileSharingOut: Bool, isTransactional: Bool)
        throws(ErrorCode)
    {
        if membership.generation < 0 && state == .empty { return }
        if membership == Membership() {
            // In a transaction even a stranger may, as clients did before they told their generation.
            if isTransactional { return }
            throw .unknownMemberID
        }
        try check(membership)
        // A member of the new generation, which does not know its share yet.
        if state == .completing, isRefusedWhileSharingOut { throw .rebalanceInProgress }
    }

    /// Takes offsets over, or keeps them until the producer's transaction ends.
    mutating func store(
        _ new: [TopicPartition: CommittedOffset], inTransactionOf producerID: Int64?, keepsHistory: Bool
    ) {
        serial += 1
        for (place, value) in new {
            if let producerID {
                pending[producerID, default: [:]][place] = (value, serial)
            } else {
                set(place, value, serial, keepsHistory)
            }
        }
    }

    func hasPending(of producerID: Int64) -> Bool { pending[producerID] != nil }

    mutating func endTransaction(of producerID: Int64, isCommit: Bool, keepsHistory: Bool) {
        guard let ended = pending.removeValue(forKey: producerID), isCommit else { return }
        // An offset that was committed later stays.
        for (place, new) in ended where new.serial > offsets[place]?.serial ?? 0 {
            set(place, new.value, new.serial, keepsHistory)
        }
    }

    mutating func forget(_ places: [TopicPartition]) {
        for place in places {
            offsets[place] = nil
            for id in pending.keys { pending[id]?[place] = nil }
        }
        pending = pending.filter { !$0.value.isEmpty }
    }

    /// Changes that make the group from nothing, without its members.
    func state(_ name: String) -> [ClusterChange] {
        struct Commit {
            var producerID: Int64?
            var offsets: [TopicPartition: CommittedOffset] = [:]
        }
        // A transaction's offsets and plain ones are never of the same commit.
        var commits: [Int: Commit] = [:]
        for (place, offset) in offsets {
            commits[offset.serial, default: Commit()].offsets[place] = offset.value
        }
        for (id, places) in pending {
            for (place, offset) in places {
                commits[offset.serial, default: Commit(producerID: id)].offsets[place] = offset.value
            }
        }
        // Nobody was told yet of one that only gave out names.
        if generation == 0 && commits.isEmpty { return [] }
        let generation = ClusterChange.generationBegun(
            group: name, generation: generation, protocolType: protocolType)
        return [generation]
            + commits.sorted { $0.key < $1.key }.map {
                .offsetsCommitted(group: name, $0.value.offsets, producerID: $0.value.producerID)
            }
    }

    private mutating func set(
        _ place: TopicPartition, _ value: CommittedOffset, _ serial: Int, _ keepsHistory: Bool
    ) {
        offsets[place] = (value, serial)
        if keepsHistory { history[place, default: []].append(value.offset) }
    }
}
