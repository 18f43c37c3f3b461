public import Affinity
public import Contracts
public import Kafka
public import Streams

/// The affinity updater: interactions and profiles in, vector changes out, bad records to the dead letters; and at the
/// end of each window, how good the forecasts were.
public struct UpdaterProcessor: Processor {
    /// What one task has done.
    public struct Report: Sendable, Equatable {
        /// Records read from `interactions`, marks not counted.
        public var records: Int64 = 0
        /// Accesses that went into a customer's state.
        public var accesses: Int64 = 0
        /// Interactions dropped because their id was known.
        public var duplicates: Int64 = 0
        /// Accesses that were older than their customer's last, by how much.
        public var lateness = LateCounts()
        /// Records sent to the dead letters.
        public var deadLetters: Int64 = 0
        /// Interactions whose time was so far ahead of all other customers' that it closed no window.
        public var heldBack: Int64 = 0
        /// Vector changes put out.
        public var changes: Int64 = 0
        /// Customers known.
        public var customers: Int64 = 0
        /// What made the vectors since the last switch: their `model`.
        public var model = UpdaterProcessor.mixture

        /// All accesses that were older than their customer's last.
        public var late: Int64 { lateness.total }

        /// Nothing done yet.
        public init() {}
    }

    static let interactions = 0
    static let customers = 1
    static let vectors = 0
    static let deadLetters = 1
    static let quality = 2

    /// The stage, for `partitions` under `configuration`.
    public static func stage(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap,
        _ topics: PipelineTopics = PipelineTopics()
    ) -> PipelineStage<UpdaterProcessor> {
        let inputs = [TopicName.interactions, TopicName.customers].map(topics.name)
        let outputs = [TopicName.affinityVectors, TopicName.deadLetters, TopicName.modelQuality].map(
            topics.name)
        let leads = topics.leads
        let fingerprint = Fingerprint.of(configuration.affinity, partitions.names, mixture)
        return PipelineStage(
            name: "updater", inputs: leads ? inputs : [inputs[interactions]], outputs: outputs,
            coPartitionedOutputs: [outputs[vectors]],
            idleMark: leads
                ? .init(input: interactions, header: Header(Mark.headerName, Mark.idle.text)) : nil,
            relay: leads
                ? .init(
                    input: customers, target: interactions,
                    header: Header(CopiedRecord.headerName, TopicName.customers)) : nil,
            snapshots: .init(topic: topics.name(TopicName.updaterSnapshots), fingerprint: fingerprint)
        ) { place in UpdaterProcessor(place, configuration, partitions) }
    }

    let place: TaskPlace
    let configuration: PipelineConfiguration
    let partitions: PartitionMap
    private let names: PartitionNames
    private var decoder: InteractionDecoder
    var engine: AffinityEngine
    private var change: VectorChange
    private var writer = JSONWriter()
    /// The time that the customers of the topic partition share: no single one moves it.
    private var clock: ConfirmedClock
    private var newest: EventTime { clock.time ?? 0 }
    private var counts = Report()
    /// The label of the model in use; nil: there is none.
    var modelLabel: String? { didSet { quotedModel = Self.quoted(modelLabel) } }
    /// What the vectors' model goes by, as JSON.
    private var quotedModel = Self.quoted(nil)

    /// Whether `interactions` is idle, as far as was logged.
    public private(set) var isIdle = false

    init(_ place: TaskPlace, _ configuration: PipelineConfiguration, _ partitions: PartitionMap) {
        self.place = place
        self.configuration = configuration
        self.partitions = partitions
        names = PartitionNames(partitions)
        decoder = InteractionDecoder(limits: configuration.limits)
        engine = AffinityEngine(configuration: configuration.affinity, partitions: partitions.count)
        change = VectorChange(partitions: partitions.count)
        clock = Self.clock(configuration)
    }

    private static func clock(
        _ configuration: PipelineConfiguration, time: EventTime? = nil
    ) -> ConfirmedClock {
        ConfirmedClock(
            stepMillis: configuration.limits.unconfirmedStep,
            windowMillis: configuration.affinity.windowMillis, time: time)
    }

    /// What the task has done so far.
    public var report: Report {
        var report = counts
        let engine = engine.counters
        report.accesses = engine.accesses
        report.duplicates = engine.duplicates
        report.lateness = engine.lateness
        report.customers = Int64(engine.customers)
        report.heldBack = clock.heldBack
        report.model = Self.name(modelLabel)
        return report
    }

    /// What a customer's vectors are made of, and the event time the task has come to; nil if the customer is
    /// unknown.
    public func explain(customer: RawSpan) -> (explanation: Explanation, asOf: EventTime)? {
        engine.explain(customer: customer).map { ($0, newest) }
    }

    /// Applies a record of `interactions`: an interaction, a mark, or a copy of a `customers` record.
    public mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        let headers = record.hasHeaders ? record.headers() : []
        let source = Source(record, headers)
        if source.topic == TopicName.customers {
            profile(record, source, &outputs)
        } else if headers.text(Mark.headerName) == Mark.model {
            switchModel(record, source, &outputs)
        } else if let value = record.value {
            counts.records += 1
            interaction(record, value, headers, source, &outputs)
        } else if let mark = Mark(headers) {
            apply(mark, record, source, &outputs)
        } else {
            counts.records += 1
            reject(record, Rejection(.noValue, "an interaction needs a value"), source, &outputs)
        }
    }

    // MARK: State

    /// How many customers changed since the last snapshot.
    public var changedEntries: Int { engine.changedCustomers }

    /// Saves the customers that changed, then the rest.
    public mutating func save(into snapshot: inout SnapshotWriter) {
        engine.takeChanges { snapshot.put(entry: $0, state: $1) }
        var state = StateWriter()
        state.write(newest)
        state.write(isIdle)
        for count in [counts.records, counts.deadLetters, counts.changes] { state.write(count) }
        var shared = StateWriter()
        engine.encodeShared(into: &shared)
        state.write(shared.bytes.span.bytes)
        clock.encode(into: &state)
        snapshot.put(shared: state.bytes.span.bytes)
    }

    /// Takes a customer's state over.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {
        do throws(StateFailure) {
            try engine.restore(customer: key, state: state)
        } catch {
            throw SnapshotFailure(error)
        }
    }

    /// Takes over the rest.
    public mutating func restore(shared state: RawSpan) throws(SnapshotFailure) {
        do throws(StateFailure) {
            var reader = StateReader(state)
            var clock = Self.clock(configuration, time: try reader.read())
            isIdle = try reader.read()
            counts.records = try reader.read()
            counts.deadLetters = try reader.read()
            counts.changes = try reader.read()
            let shared = try reader.readBytes()
            // Snapshots of before others confirmed the time end here.
            if !reader.isAtEnd { try clock.restore(&reader) }
            try reader.finish()
            try engine.restoreShared(shared.span.bytes)
            modelLabel = engine.model?.label
            self.clock = clock
        } catch {
            throw SnapshotFailure(error)
        }
    }

    // MARK: Interactions

    private mutating func interaction(
        _ record: borrowing Record, _ value: RawSpan, _ headers: [Header], _ source: Source,
        _ outputs: inout Outputs
    ) {
        do throws(Rejection) {
            let cloudEvent = headers.isEmpty ? nil : CloudEventAttributes(headers)
            let interaction = try decoder.decode(
                key: record.key, value: value, published: record.timestamp, cloudEvent: cloudEvent)
            let access = try decoder.access(of: interaction, in: value, partitions)
            isIdle = false
            observe(access, record, source.cause, &outputs)
        } catch {
            reject(record, error, source, &outputs)
        }
    }

    private mutating func observe(
        _ access: Access, _ record: borrowing Record, _ cause: Cause, _ outputs: inout Outputs
    ) {
        guard let customer = record.key else { return }
        let now = clock.hear(access.time, from: ByteHash.hash(customer))
        reach(now, cause, &outputs)
        if engine.observe(customer: customer, access: access, now: now, into: &change) == .changed {
            emit(customer, cause, &outputs)
        }
    }

    /// Event time reaches `time`: the windows that this ends close, and customers whose silence has changed their
    /// stage come first.
    private mutating func reach(_ time: EventTime, _ cause: Cause, _ outputs: inout Outputs) {
        if engine.isQualityDue(at: time) { putQuality(&outputs) }
        while engine.nextDue(at: time, into: &change) { emitLastTouched(cause, &outputs) }
    }

    // MARK: Profiles and marks

    private mutating func profile(
        _ record: borrowing Record, _ source: Source, _ outputs: inout Outputs
    ) {
        guard let customer = record.key, customer.byteCount > 0 else {
            return reject(
                record, Rejection(.emptyKey, "a profile needs its customer as key"), source, &outputs)
        }
        guard let value = record.value else { return forget(customer, &outputs) }
        do throws(Rejection) {
            let profile = try CustomerProfile(decoding: value, key: customer, partitions: partitions)
            if engine.setHome(customer: customer, home: profile.home, time: newest, into: &change) == .changed
            {
                emit(customer, source.cause, &outputs)
            }
        } catch {
            reject(record, error, source, &outputs)
        }
    }

    /// Whoever holds the customer's vector forgets it too: a tombstone follows.
    private mutating func forget(_ customer: RawSpan, _ outputs: inout Outputs) {
        if engine.forget(customer: customer) {
            outputs.append(topic: Self.vectors, partition: place.number, key: customer, value: nil)
        }
    }

    private mutating func apply(
        _ mark: Mark, _ record: borrowing Record, _ source: Source, _ outputs: inout Outputs
    ) {
        switch mark {
        case .idle:
            isIdle = true
            forward(mark, &outputs)
        case .completeThrough(let time):
            do throws(Rejection) {
                try configuration.limits.eventTime.check(time, published: record.timestamp, "the mark")
                complete(through: time, source.cause, &outputs)
            } catch {
                reject(record, error, source, &outputs)
            }
        }
    }

    /// Nothing before `time` will follow. Where that is far after the newest record, the windows up to that record's close,
    /// and beyond them nobody waits for this topic partition: it may just have few customers.
    private mutating func complete(through time: EventTime, _ cause: Cause, _ outputs: inout Outputs) {
        let believed = clock.mark(time)
        reach(believed, cause, &outputs)
        // A vector that changes nothing carries the time; where there is no customer, a mark must.
        if engine.republishLast(time: believed, into: &change) {
            emitLastTouched(cause, &outputs)
        } else {
            forward(.completeThrough(believed), &outputs)
        }
        if believed < time {
            isIdle = true
            forward(.idle, &outputs)
        }
    }

    private func forward(_ mark: Mark, _ outputs: inout Outputs) {
        outputs.append(
            topic: Self.vectors, partition: place.number, key: Mark.reservedKey.utf8Span.span.bytes,
            value: nil,
            headers: [Header(Mark.headerName, mark.text)])
    }

    // MARK: Output

    /// Puts out `change`, which is `customer`'s.
    private mutating func emit(_ customer: RawSpan, _ cause: Cause, _ outputs: inout Outputs) {
        counts.changes += 1
        writer.removeAll()
        let model = quotedModel
        change.encode(
            customer: customer, cause: cause, model: model.span.bytes, names: names, into: &writer)
        outputs.append(
            topic: Self.vectors, partition: place.number, key: customer, value: writer.bytes.span.bytes)
    }

    /// Puts out `change`, which is the last touched customer's: rare, so the customer is copied.
    private mutating func emitLastTouched(_ cause: Cause, _ outputs: inout Outputs) {
        let customer = engine.lastTouched.withUnsafeBytes { Array($0) }
        emit(customer.span.bytes, cause, &outputs)
    }

    mutating func reject(
        _ record: borrowing Record, _ rejection: Rejection, _ source: Source, _ outputs: inout Outputs
    ) {
        counts.deadLetters += 1
        outputs.append(
            topic: Self.deadLetters, partition: -1, key: record.key, value: record.value,
            headers: record.deadLetterHeaders(rejection, topic: source.topic, offset: source.offset))
    }
}

/// Where a record of `interactions` comes from: here, or from where it was copied.
struct Source {
    var topic = TopicName.interactions
    var topicPartition: Int32
    var offset: Int64

    init(_ record: borrowing Record, _ headers: [Header]) {
        topicPartition = record.partition
        offset = record.offset
        guard headers.text(CopiedRecord.headerName) == TopicName.customers else { return }
        topic = TopicName.customers
        offset = headers.text(CopiedRecord.offsetHeaderName).flatMap { Int64($0) } ?? offset
    }

    var cause: Cause { Cause(topic: topic, topicPartition: topicPartition, offset: offset) }
}
