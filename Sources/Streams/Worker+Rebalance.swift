internal import Kafka
internal import Logging

/// Taking over and giving up topic partitions.
extension Worker {
    /// Carries out what the group decided during the last poll.
    func rebalance() throws {
        guard let rebalance = consumer.takeRebalance() else { return }
        switch rebalance {
        case .revoke(let places, _, let lost):
            control.update { $0.phase = .joining }
            isShareKnown = false
            try commitBeforeRevocation(isLost: lost)
            for place in places { forEachInput(place) { tasks.revoke(place.partition, input: $0) } }
            logger.info("gave up \(places.count) topic partitions", metadata: ["stage": "\(stage.name)"])
            try consumer.accept(rebalance, startingAt: [:])
        case .assign(let places, _):
            control.update { $0.phase = .restoring }
            try checkNumbers(of: places)
            guard let starts = try takeOver(places) else { return }
            logger.info("took over \(places.count) topic partitions", metadata: ["stage": "\(stage.name)"])
            try consumer.accept(rebalance, startingAt: starts)
            isShareKnown = true
            try holdNewlyAssigned()
            control.advanced()
        }
        standbys?.follow(except: Set(tasks.present.map(\.number)))
        publishStatus()
    }

    /// A topic that has more topic partitions than there are tasks has grown: its keys have moved between them.
    private func checkNumbers(of places: [TopicPartition]) throws {
        guard let grown = places.first(where: { $0.partition >= tasks.taskCount }) else { return }
        let count = try cluster.topicPartitionCounts()[grown.topic] ?? grown.partition + 1
        throw StageFailure.topicPartitionsChanged(grown.topic, from: tasks.taskCount, to: count)
    }

    /// The last chance to commit before topic partitions are given away.
    private func commitBeforeRevocation(isLost: Bool) throws {
        do throws(KafkaError) {
            if !isLost, try commit() == .committed { return }
        } catch {
            if error.isFatal { throw error }
            logger.warning("commit before giving up topic partitions failed: \(error)")
        }
        // Whoever takes over makes the same outputs again. State that is ahead of that is of no use.
        try abandon()
    }

    /// Brings the tasks of these topic partitions up to what snapshots and standbys know, and answers where to
    /// read on; nil if the worker was told to stop meanwhile.
    private func takeOver(_ places: [TopicPartition]) throws -> [TopicPartition: Int64]? {
        let numbers = Set(places.map(\.partition)).sorted()
        var owners: [Int32: String] = [:]
        guard try restore(numbers.filter { tasks[$0] == nil }, &owners) else { return nil }
        endTransactionsOfTheDead(Set(owners.values))
        guard var committed = try committed(places) else { return nil }
        let ahead = numbers.filter { isAhead($0, committed) }
        for number in ahead { tasks[number] = nil }
        guard try restore(ahead, &owners) else { return nil }
        try checkLogs(places, &committed)
        for number in ahead where isAhead(number, committed) {
            // Somebody set the group back on purpose. The snapshots are of no use for that.
            logger.warning("\(stage.name) task \(number) starts anew: its snapshot is ahead of its offsets")
            tasks[number] = tasks.fresh(number, now: cluster.now)
        }
        var starts: [TopicPartition: Int64] = [:]
        for place in places {
            forEachInput(place) { input in
                starts[place] = tasks.assign(
                    place.partition, input: input, committed: committed[place]?.offset, now: cluster.now)
                tasks[place.partition]?.inputs[input].limit = configuration.until[place] ?? .max
            }
        }
        tasks.dropUnassigned()
        return starts
    }

    private func isAhead(_ number: Int32, _ committed: [TopicPartition: OffsetAndMetadata]) -> Bool {
        guard let slot = tasks[number] else { return false }
        for (input, topic) in stage.inputs.enumerated() where stage.relay?.input != input {
            guard let offset = committed[TopicPartition(topic, number)] else { continue }
            if slot.inputs[input].position > offset.offset { return true }
        }
        return false
    }

    /// Makes these tasks from standbys or snapshots. False if the worker was told to stop meanwhile.
    private func restore(_ numbers: [Int32], _ owners: inout [Int32: String]) throws -> Bool {
        var fresh: [TaskSlot<P>] = []
        for number in numbers {
            if let (slot, owner) = standbys?.take(number) {
                tasks[number] = slot
                owners[number] = owner
            } else {
                let slot = tasks.fresh(number, now: cluster.now)
                tasks[number] = slot
                fresh.append(slot)
            }
        }
        guard let snapshots = stage.snapshots, !fresh.isEmpty else { return true }
        let reading = try cluster.makeConsumer(group: group, client: client + "-restore")
        defer { reading.close() }
        let start = cluster.now
        var reader = SnapshotReader(stage: stage, snapshots: snapshots, consumer: reading)
        let isDone = try reader.restore(fresh) { progress in
            showRestore(progress, since: start)
            return control.isStopping
        }
        owners.merge(reader.owners) { $1 }
        showRestore(reader.progress, since: start)
        logger.info(
            "restored \(reader.progress.entries) entries (\(reader.progress.bytes >> 10) KiB) of \(fresh.count) tasks",
            metadata: ["stage": "\(stage.name)"])
        return isDone
    }

    private func showRestore(_ progress: SnapshotReader<P>.Progress, since start: ContinuousClock.Instant) {
        control.turn()
        if progress.entries > restoredEntries { control.advanced() }
        restoredEntries = progress.entries
        // A member that does not poll for five minutes is out of its group. There is nothing to take: no topic
        // partition is assigned yet.
        _ = consumer.poll(maximum: 1, timeoutMilliseconds: 0)
        let seconds = (cluster.now - start) / .seconds(1)
        control.update {
            $0.restoredEntries = progress.entries
            $0.restoredPerSecond = seconds > 0 ? Double(progress.entries) / seconds : 0
        }
    }

    /// What the group has committed; waits for transactions that are about to change it. Nil if the worker was
    /// told to stop meanwhile.
    private func committed(_ places: [TopicPartition]) throws -> [TopicPartition: OffsetAndMetadata]? {
        let timeout = Int32(configuration.requestTimeoutMilliseconds)
        var attempts = 0
        while !control.isStopping {
            control.turn()
            do throws(KafkaError) {
                try committer.settle()
                return try consumer.committed(places, timeoutMilliseconds: timeout)
            } catch {
                attempts += 1
                if !error.isRetriable || attempts > configuration.retries { throw error }
                cluster.wait(.milliseconds(50))
            }
        }
        return nil
    }

    /// Ends what processes that died left open: their transactions hold back whoever reads the outputs, and
    /// the offsets to go on from, for as long as the brokers let them. Who had the tasks stands in the
    /// snapshots; who is no member of the group any more cannot commit anything anyway.
    private func endTransactionsOfTheDead(_ owners: Set<String>) {
        do throws(KafkaError) {
            let others = owners.subtracting([client])
            if others.isEmpty { return }
            for owner in others.subtracting(try cluster.clients(ofGroup: group)).sorted() {
                let producer = try cluster.makeProducer(client: client, transactionalID: owner)
                defer { producer.close() }
                try producer.initTransactions(
                    timeoutMilliseconds: Int32(configuration.requestTimeoutMilliseconds))
                logger.info("ended what \(owner) left open", metadata: ["stage": "\(stage.name)"])
            }
        } catch {
            logger.warning("cannot end the transactions of members that are gone: \(error)")
        }
    }
}
