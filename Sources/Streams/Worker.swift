package import Kafka
package import Logging

/// One consumer, one producer and the tasks they serve, on one thread.
package final class Worker<P: Processor> {
    let stage: PipelineStage<P>
    let configuration: StreamConfiguration
    let cluster: any Cluster
    let control: WorkerControl<P.Report>
    let logger: Logger
    let group: String
    /// The name of this process in the group, and its transactional id.
    let client: String
    let consumer: any StreamConsumer
    let standbys: StandbyFollower<P>?
    var tasks: Tasks<P>
    var committer: OutputCommitter
    var pending: OutputCommitter.Pending
    private var topics: [(handle: TopicHandle, input: Int)] = []
    private var lastCommit: ContinuousClock.Instant
    /// A commit that was begun and is not through: what it commits, and when it is tried again.
    private var unfinished: (offsets: [TopicPartition: OffsetAndMetadata], retryAt: ContinuousClock.Instant)?
    private var isHeld = false
    private var isSubscribed = false
    private var leastRestoring = Int64.max
    /// Entries read by the restore under way, as of its last report.
    var restoredEntries = 0
    /// Whether the group has given this worker its share, which may be nothing.
    var isShareKnown = false

    package init(
        stage: PipelineStage<P>, configuration: StreamConfiguration, cluster: any Cluster, taskCount: Int32,
        control: WorkerControl<P.Report>, standbys: StandbyFollower<P>? = nil, logger: Logger
    ) throws(KafkaError) {
        self.stage = stage
        self.configuration = configuration
        self.cluster = cluster
        self.control = control
        self.standbys = standbys
        self.logger = logger
        group = configuration.groupPrefix + stage.name
        client = "\(group)-\(configuration.instance)"
        consumer = try cluster.makeConsumer(group: group, client: client, instance: client)
        tasks = Tasks(stage: stage, taskCount: taskCount)
        pending = OutputCommitter.Pending(
            outputs: Outputs(topics: stage.outputs + stage.inputs),
            snapshots: RecordBuffer(topics: stage.snapshots.map { [$0.topic] } ?? []))
        do throws(KafkaError) {
            committer = try OutputCommitter(
                cluster: cluster, consumer: consumer, client: client, configuration: configuration,
                logger: logger)
        } catch {
            consumer.close(leavesGroup: false)
            throw error
        }
        lastCommit = cluster.now
    }

    /// Runs until it is told to stop; then commits, leaves the group and returns. After a failure the group is not
    /// told: the next worker comes back under the same name, and takes the tasks over without a rebalance.
    package func run() throws {
        do {
            while !control.isStopping { try step() }
            if !control.isAbandoned { try finish() }
        } catch {
            close(leavesGroup: false)
            throw error
        }
        close(leavesGroup: !control.isAbandoned)
    }

    /// Ends the clients.
    package func close(leavesGroup: Bool = true) {
        if !control.isAbandoned { standbys?.follow(except: []) }
        consumer.close(leavesGroup: leavesGroup)
        committer.close()
        control.update { $0.phase = .stopped }
    }

    /// One turn: takes what came, applies it, sends what came of it, and commits if it is time.
    package func step() throws {
        control.turn()
        if !isSubscribed, try !join() { return }
        try hold(unfinished != nil || pending.outputs.buffer.byteCount >= configuration.commitBytes)
        let wait = pending.outputs.buffer.isEmpty && !isHeld ? 50 : 5
        let batch = consumer.poll(maximum: configuration.batchRecords, timeoutMilliseconds: Int32(wait))
        try apply(batch)
        if unfinished == nil { try committer.send(pending.outputs.buffer) }
        try rebalance()
        let now = cluster.now
        if !isHeld { logIdleInputs(now) }
        if isCommitDue(now) { try commit() }
        if let failure = consumer.fatalError ?? committer.fatalError { throw failure }
        noteProgress()
    }

    /// Joins the group. Before that it ends what was left open under its name: who is a member has left nothing open
    /// that the others would have to wait for, even if it gets no task and never begins a transaction. False if
    /// the cluster cannot say so yet.
    private func join() throws(KafkaError) -> Bool {
        do throws(KafkaError) {
            try committer.fence()
        } catch {
            if !error.isRetriable { throw error }
            cluster.wait(.milliseconds(50))
            return false
        }
        try consumer.subscribe(to: stage.inputs)
        isSubscribed = true
        return true
    }

    /// A worker that holds its tasks, has nothing to restore and no commit that does not get through is well: what
    /// it reads is committed soon.
    private func noteProgress() {
        guard isShareKnown, unfinished == nil else { return }
        let restoring = tasks.restoring
        defer { leastRestoring = restoring }
        if restoring == 0 || restoring < leastRestoring { control.advanced() }
    }

    /// Commits what there is, if that is possible in the time given.
    package func finish() throws {
        let deadline = cluster.now + .milliseconds(configuration.stopTimeoutMilliseconds)
        while try commit() != .committed {
            if cluster.now >= deadline {
                // Nothing is lost: whoever goes on makes the same outputs again.
                return logger.warning("stopped without a last commit: the cluster did not take it in time")
            }
            try hold(true)
            control.turn()
            try apply(consumer.poll(maximum: 1, timeoutMilliseconds: 0))
            try rebalance()
            cluster.wait(.milliseconds(20))
        }
    }

    private func apply(_ batch: borrowing MessageBatch) throws {
        let now = cluster.now
        // Records come in runs of one topic partition.
        var run = Run()
        for i in 0..<batch.count {
            if let event = batch.event(at: i) {
                try apply(event)
                continue
            }
            let record = batch.record(at: i)
            if record.partition != run.partition || record.topic != run.topic {
                noteLast(of: run, batch)
                run = Run(partition: record.partition, topic: record.topic, slot: tasks[record.partition])
            }
            try apply(record, run.slot, now)
            run.last = i
        }
        noteLast(of: run, batch)
        pending.outputs.isLive = true
    }

    /// Records of one topic partition that follow each other in a batch.
    private struct Run {
        var partition: Int32 = -1
        var topic: TopicHandle?
        var slot: TaskSlot<P>?
        /// Where its newest record is in the batch.
        var last = 0
    }

    /// Keeps which record of the topic partition was applied last.
    private func noteLast(of run: Run, _ batch: borrowing MessageBatch) {
        guard let slot = run.slot, let topic = run.topic else { return }
        slot.note(last: batch.record(at: run.last), input: input(of: topic))
    }

    private func apply(
        _ record: borrowing Record, _ slot: TaskSlot<P>?, _ now: ContinuousClock.Instant
    ) throws(KafkaError) {
        if isHeld {
            throw KafkaError(
                code: Self.stateError, reason: "a record came from a paused topic partition", remedy: .fatal)
        }
        guard let slot else { return }
        let input = input(of: record.topic)
        if let relay = stage.relay, relay.input == input {
            copy(record, relay, slot, now)
        } else {
            slot.process(record, input: input, outputs: &pending.outputs, now: now)
        }
    }

    /// librdkafka's `_STATE`.
    private static var stateError: Int32 { -172 }

    /// Logs a record of one input into another, whence it comes back in an order that stays.
    private func copy(
        _ record: borrowing Record, _ relay: Relay, _ slot: TaskSlot<P>,
        _ now: ContinuousClock.Instant
    ) {
        guard record.offset >= slot.inputs[relay.input].position else { return }
        let origin = Header(relay.header.name + "-offset", String(record.offset))
        pending.outputs.isLive = true
        pending.outputs.append(
            topic: stage.outputs.count + relay.target, partition: record.partition, key: record.key,
            value: record.value, headers: record.headers() + [relay.header, origin])
        slot.applied(record.offset, input: relay.input, now: now)
    }

    private func apply(_ event: BatchEvent) throws(KafkaError) {
        switch event {
        case .end(let place, let next):
            forEachInput(place) { tasks[place.partition]?.reachedEnd(input: $0, next: next) }
        case .failure(let error):
            logger.warning("\(error)")
            // An offset that the log does not hold: whoever takes the tasks over finds out why.
            if error.isFatal || error.isOffsetOutOfRange { throw error }
        }
    }

    /// The input a topic is, found by its handle: one or two comparisons, no text.
    private func input(of topic: TopicHandle) -> Int {
        for known in topics where known.handle == topic { return known.input }
        let input = stage.inputs.firstIndex(of: topic.name) ?? 0
        topics.append((topic, input))
        return input
    }

    func forEachInput(_ place: TopicPartition, _ body: (Int) throws -> Void) rethrows {
        for (input, topic) in stage.inputs.enumerated() where topic == place.topic { try body(input) }
    }

    /// While nothing can be committed, nothing is read either: that bounds what is kept.
    private func hold(_ shouldHold: Bool) throws(KafkaError) {
        if shouldHold == isHeld { return }
        isHeld = shouldHold
        if shouldHold {
            try consumer.pause(tasks.assigned)
        } else {
            try consumer.resume(tasks.assigned)
        }
        guard isShareKnown else { return }
        let goesOn: StageControl<P.Report>.Phase = tasks.restoring > 0 ? .restoring : .running
        control.update { $0.phase = shouldHold ? .stalled : goesOn }
    }

    /// Topic partitions that were just taken over: librdkafka remembers for ever which ones were paused, even if they
    /// were held by others meanwhile, so each has to be told.
    func holdNewlyAssigned() throws(KafkaError) {
        if isHeld {
            try consumer.pause(tasks.assigned)
        } else {
            try consumer.resume(tasks.assigned)
        }
    }

    /// The wall clock decides that an input is idle; the decision goes to the log before anybody acts on it.
    private func logIdleInputs(_ now: ContinuousClock.Instant) {
        guard let mark = stage.idleMark, let timeout = configuration.idleTimeoutMilliseconds else { return }
        for number in tasks.takeIdle(since: now - .milliseconds(timeout), input: mark.input) {
            pending.outputs.append(
                topic: stage.outputs.count + mark.input, partition: number, key: nil, value: nil,
                headers: [mark.header])
        }
    }

    private func isCommitDue(_ now: ContinuousClock.Instant) -> Bool {
        if let unfinished { return now >= unfinished.retryAt }
        return pending.outputs.buffer.byteCount >= configuration.commitBytes
            || now - lastCommit >= .milliseconds(configuration.commitIntervalMilliseconds)
    }

    /// Commits what there is, or tries to.
    @discardableResult
    func commit() throws(KafkaError) -> OutputCommitter.Outcome {
        let now = cluster.now
        lastCommit = now
        let offsets: [TopicPartition: OffsetAndMetadata]
        if let unfinished {
            offsets = unfinished.offsets
        } else {
            let saved = takeSnapshots(now)
            offsets = tasks.uncommitted().merging(saved) { $1 }
        }
        let records = pending.outputs.buffer.count
        let outcome = try committer.commit(&pending, offsets: offsets)
        switch outcome {
        case .committed:
            unfinished = nil
            tasks.markCommitted(offsets)
            if records > 0 || !offsets.isEmpty {
                control.update {
                    $0.committedOutputs += records
                    $0.commits += 1
                }
            }
            publishStatus()
        case .pending:
            unfinished = (offsets, now + .milliseconds(100))
        case .groupIsRebalancing:
            unfinished = nil
        }
        return outcome
    }

    /// What a worker gives up with its topic partitions.
    func abandon() throws(KafkaError) {
        try committer.abandon(&pending)
        unfinished = nil
        tasks = Tasks(stage: stage, taskCount: tasks.taskCount)
    }

    func publishStatus() {
        let reports = Dictionary(uniqueKeysWithValues: tasks.present.map { ($0.number, $0.processor.report) })
        let restoring = tasks.restoring
        let standbys = standbys?.count ?? 0
        control.update { status in
            status.reports = reports
            status.restoring = restoring
            status.standbys = standbys
            if status.phase == .restoring && restoring == 0 { status.phase = .running }
            if status.phase == .running && restoring > 0 { status.phase = .restoring }
        }
    }
}
