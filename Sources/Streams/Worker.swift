internal import Kafka
internal import Logging

/// One consumer, one producer and the tasks they serve, on one thread.
final class Worker<P: Processor> {
    private let stage: PipelineStage<P>
    private let configuration: StreamConfiguration
    private let control: StageControl<P.Report>
    private let logger: Logger
    private let consumer: Consumer
    private let producer: Producer
    private var tasks: Tasks<P>
    private var outputs: Outputs
    private var committer: OutputCommitter
    private var topics: [(handle: TopicHandle, input: Int)] = []
    private var lastCommit = ContinuousClock.now

    init(
        stage: PipelineStage<P>, configuration: StreamConfiguration, taskCount: Int32,
        control: StageControl<P.Report>, logger: Logger
    ) throws(KafkaError) {
        self.stage = stage
        self.configuration = configuration
        self.control = control
        self.logger = logger
        let group = configuration.groupPrefix + stage.name
        consumer = try Consumer(
            configuration.client.setting(configuration.consumerSettings)
                .setting(["group.id": group, "client.id": "\(group)-\(configuration.instance)"]),
            logger: logger, statistics: StatisticsReporter(client: "\(group)-consumer"))
        var settings = configuration.producerSettings
        if configuration.guarantee == .exactlyOnce {
            settings["transactional.id"] = "\(group)-\(configuration.instance)"
        }
        producer = try Producer(
            configuration.client.setting(settings), logger: logger,
            statistics: StatisticsReporter(client: "\(group)-producer"))
        tasks = Tasks(stage: stage, taskCount: taskCount)
        let marks = stage.idleMark.map { [stage.inputs[$0.input]] } ?? []
        outputs = Outputs(topics: stage.outputs + marks)
        committer = try OutputCommitter(
            producer: producer, consumer: consumer, configuration: configuration, logger: logger)
        try consumer.subscribe(to: stage.inputs)
    }

    /// Runs until it is told to stop; then commits, leaves the group and returns.
    func run() throws(KafkaError) {
        defer {
            consumer.close()
            producer.close()
        }
        while !control.isStopping {
            let wait = outputs.buffer.isEmpty ? 50 : 5
            let batch = consumer.poll(maximum: configuration.batchRecords, timeoutMilliseconds: Int32(wait))
            try apply(batch)
            try committer.send(outputs.buffer)
            try rebalance()
            let now = ContinuousClock.now
            logIdleInputs(now)
            if isCommitDue(now) { try commit(now) }
            if let failure = consumer.fatalError ?? producer.fatalError { throw failure }
        }
        try commit(ContinuousClock.now)
    }

    private func apply(_ batch: borrowing MessageBatch) throws(KafkaError) {
        let now = ContinuousClock.now
        for i in 0..<batch.count {
            if let event = batch.event(at: i) {
                try apply(event)
            } else {
                let record = batch.record(at: i)
                tasks.process(record, input: input(of: record.topic), outputs: &outputs, now: now)
            }
        }
        outputs.isLive = true
    }

    private func apply(_ event: BatchEvent) throws(KafkaError) {
        switch event {
        case .end(let place, let next):
            forEachInput(place) { tasks.reachedEnd(Int(place.partition), input: $0, next: next) }
        case .failure(let error):
            logger.warning("\(error)")
            if error.isFatal { throw error }
        }
    }

    /// The input a topic is, found by its handle: one or two comparisons, no text.
    private func input(of topic: TopicHandle) -> Int {
        for known in topics where known.handle == topic { return known.input }
        let input = stage.inputs.firstIndex(of: topic.name) ?? 0
        topics.append((topic, input))
        return input
    }

    private func rebalance() throws(KafkaError) {
        guard let rebalance = consumer.takeRebalance() else { return }
        switch rebalance {
        case .revoke(let places, _, let lost):
            try commitBeforeRevocation(isLost: lost)
            for place in places { forEachInput(place) { tasks.revoke(Int(place.partition), input: $0) } }
            logger.info("gave up \(places.count) topic partitions", metadata: ["stage": "\(stage.name)"])
            try consumer.accept(rebalance)
        case .assign(let places, _):
            let committed = try consumer.committed(places)
            var starts: [TopicPartition: Int64] = [:]
            for place in places {
                forEachInput(place) { input in
                    starts[place] = tasks.assign(
                        Int(place.partition), input: input, committed: committed[place] ?? 0,
                        now: ContinuousClock.now)
                }
            }
            tasks.dropUnassigned()
            logger.info("took over \(places.count) topic partitions", metadata: ["stage": "\(stage.name)"])
            try consumer.accept(rebalance, startingAt: starts)
        }
        publishStatus()
    }

    private func forEachInput(_ place: TopicPartition, _ body: (Int) -> Void) {
        for (input, topic) in stage.inputs.enumerated() where topic == place.topic { body(input) }
    }

    /// The wall clock decides that an input is idle; the decision goes to the log before anybody acts on it.
    private func logIdleInputs(_ now: ContinuousClock.Instant) {
        guard let mark = stage.idleMark, let timeout = configuration.idleTimeoutMilliseconds else { return }
        for number in tasks.takeIdle(since: now - .milliseconds(timeout), input: mark.input) {
            outputs.append(
                topic: stage.outputs.count, partition: number, key: nil, value: nil, headers: [mark.header])
        }
    }

    private func isCommitDue(_ now: ContinuousClock.Instant) -> Bool {
        outputs.buffer.byteCount >= configuration.commitBytes
            || now - lastCommit >= .milliseconds(configuration.commitIntervalMilliseconds)
    }

    /// Commits what there is; false if that has to wait for the group.
    @discardableResult
    private func commit(_ now: ContinuousClock.Instant) throws(KafkaError) -> Bool {
        lastCommit = now
        let offsets = tasks.uncommitted()
        let records = outputs.buffer.count
        guard try committer.commit(&outputs.buffer, offsets: offsets) else { return false }
        tasks.markCommitted()
        if records > 0 || !offsets.isEmpty { control.addCommitted(outputs: records) }
        publishStatus()
        return true
    }

    /// The last chance to commit before topic partitions are given away.
    private func commitBeforeRevocation(isLost: Bool) throws(KafkaError) {
        do throws(KafkaError) {
            if !isLost, try commit(ContinuousClock.now) { return }
        } catch {
            if error.isFatal { throw error }
            logger.warning("commit before giving up topic partitions failed: \(error)")
        }
        // Whoever takes over makes the same outputs again. State that is ahead of that is of no use.
        try committer.abandon(&outputs.buffer)
        tasks = Tasks(stage: stage, taskCount: tasks.taskCount)
    }

    private func publishStatus() {
        control.publish(
            tasks.slots.enumerated().compactMap { number, slot in
                slot.map { (Int32(number), $0.processor.report) }
            }, restoring: tasks.restoring)
    }
}
