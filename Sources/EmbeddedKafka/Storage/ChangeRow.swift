internal import Kafka
internal import NIOCore
internal import SimulatedKafka

/// A change as the journal holds it: its kind, and its texts and its numbers in their order.
///
/// What is written today is read for ever: a change with other fields gets a new kind.
struct ChangeRow {
    /// Why a row is none of a change.
    struct Unreadable: Error { var reason: String }

    private enum Kind: Int8 {
        case topicCreated = 1
        case topicDeleted, topicGrown, settingsChanged, startMoved, offsetsCommitted, offsetsEnded
        case offsetsDeleted, generationBegun, groupDeleted, transaction, nextProducerID, nextTopicNumber
    }

    private static let states: [Transaction.State] = [
        .empty, .ongoing, .prepared(isCommit: true), .prepared(isCommit: false), .complete(isCommit: true),
        .complete(isCommit: false),
    ]

    private let kind: Kind
    private var texts: ArraySlice<String> = []
    private var numbers: ArraySlice<Int64> = []

    private init(_ kind: Kind, _ texts: [String], _ numbers: [Int64]) {
        self.kind = kind
        self.texts = texts[...]
        self.numbers = numbers[...]
    }

    // MARK: Changes to rows

    /// Nil for the entries of logs, which are not for the journal.
    init?(_ change: ClusterChange) {
        switch change {
        case .appended, .rewritten: return nil
        case .topicCreated(let name, let count, let settings, let number):
            self.init(.topicCreated, [name] + Self.texts(settings), [Int64(count), number])
        case .topicDeleted(let name): self.init(.topicDeleted, [name], [])
        case .topicGrown(let name, let count): self.init(.topicGrown, [name], [Int64(count)])
        case .settingsChanged(let name, let settings):
            self.init(.settingsChanged, [name] + Self.texts(settings), [])
        case .startMoved(let place, let offset):
            self.init(.startMoved, [place.topic], [Int64(place.partition), offset])
        case .offsetsCommitted(let group, let offsets, let producerID):
            self.init(.offsetsCommitted, [group], [producerID ?? -1])
            for (place, value) in offsets.sorted(by: { $0.key < $1.key }) {
                texts += [place.topic, value.metadata]
                numbers += [Int64(place.partition), value.offset, Int64(value.leaderEpoch)]
            }
        case .offsetsEnded(let group, let producerID, let isCommit):
            self.init(.offsetsEnded, [group], [producerID, isCommit ? 1 : 0])
        case .offsetsDeleted(let group, let places):
            self.init(.offsetsDeleted, [group] + places.map(\.topic), places.map { Int64($0.partition) })
        case .generationBegun(let group, let generation, let protocolType):
            self.init(.generationBegun, [group, protocolType], [Int64(generation)])
        case .groupDeleted(let group): self.init(.groupDeleted, [group], [])
        case .transaction(let transaction): self.init(transaction)
        case .nextProducerID(let id): self.init(.nextProducerID, [], [id])
        case .nextTopicNumber(let number): self.init(.nextTopicNumber, [], [number])
        }
    }

    private init(_ transaction: Transaction) {
        let state = Self.states.firstIndex(of: transaction.state) ?? 0
        self.init(.transaction, [transaction.transactionalID], [])
        for producer in [transaction.producer, transaction.previous] {
            numbers += [producer?.id ?? -1, Int64(producer?.epoch ?? -1)]
        }
        numbers += [transaction.timeout, Int64(state), transaction.startedAt]
        for target in transaction.targets.sorted() {
            switch target {
            case .place(let place):
                texts.append(place.topic)
                numbers.append(Int64(place.partition))
            case .group(let group):
                texts.append(group)
                numbers.append(-1)
            }
        }
    }

    private static func texts(_ settings: TopicSettings) -> [String] {
        settings.given.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    // MARK: Rows to changes

    private mutating func text() throws -> String {
        guard let text = texts.popFirst() else { throw Unreadable(reason: "a \(kind) lacks a text") }
        return text
    }

    private mutating func number<Number: FixedWidthInteger>() throws -> Number {
        guard let number = numbers.popFirst().flatMap({ Number(exactly: $0) }) else {
            throw Unreadable(reason: "a \(kind) lacks a number")
        }
        return number
    }

    private mutating func settings() throws -> TopicSettings {
        var given: [String: String] = [:]
        while !texts.isEmpty { given[try text()] = try text() }
        return try TopicSettings(given)
    }

    private mutating func producer() throws -> ProducerIdentity? {
        let (id, epoch): (Int64, Int16) = (try number(), try number())
        return id < 0 ? nil : ProducerIdentity(id: id, epoch: epoch)
    }

    /// The change; it takes all of the row.
    mutating func change() throws -> ClusterChange {
        let change = try read()
        if !texts.isEmpty || !numbers.isEmpty { throw Unreadable(reason: "more than a \(kind)") }
        return change
    }

    private mutating func read() throws -> ClusterChange {
        switch kind {
        case .topicCreated:
            let (count, number): (Int32, Int64) = (try number(), try number())
            return .topicCreated(
                try text(), topicPartitions: count, settings: try settings(), number: number)
        case .topicDeleted: return .topicDeleted(try text())
        case .topicGrown: return .topicGrown(try text(), topicPartitions: try number())
        case .settingsChanged: return .settingsChanged(try text(), try settings())
        case .startMoved: return .startMoved(TopicPartition(try text(), try number()), to: try number())
        case .offsetsCommitted:
            let (group, producerID): (String, Int64) = (try text(), try number())
            var offsets: [TopicPartition: CommittedOffset] = [:]
            while !texts.isEmpty {
                let place = TopicPartition(try text(), try number())
                offsets[place] = CommittedOffset(
                    try number(), leaderEpoch: try number(), metadata: try text())
            }
            return .offsetsCommitted(group: group, offsets, producerID: producerID < 0 ? nil : producerID)
        case .offsetsEnded:
            let (producerID, isCommit): (Int64, Int64) = (try number(), try number())
            return .offsetsEnded(group: try text(), producerID: producerID, isCommit: isCommit == 1)
        case .offsetsDeleted:
            let group = try text()
            return .offsetsDeleted(
                group: group, try texts.indices.map { _ in TopicPartition(try text(), try number()) })
        case .generationBegun:
            let (group, type) = (try text(), try text())
            return .generationBegun(group: group, generation: try number(), protocolType: type)
        case .groupDeleted: return .groupDeleted(try text())
        case .transaction: return .transaction(try transaction())
        case .nextProducerID: return .nextProducerID(try number())
        case .nextTopicNumber: return .nextTopicNumber(try number())
        }
    }

    private mutating func transaction() throws -> Transaction {
        let (name, holder, previous) = (try text(), try producer(), try producer())
        let (timeout, state, startedAt): (Int64, Int, Int64) = (try number(), try number(), try number())
        guard let holder, Self.states.indices.contains(state) else {
            throw Unreadable(reason: "a transactional id without holder or state")
        }
        let targets: [PendingMarker.Target] = try texts.indices.map { _ in
            let place = TopicPartition(try text(), try number())
            return place.partition < 0 ? .group(place.topic) : .place(place)
        }
        return Transaction(
            transactionalID: name, producer: holder, previous: previous, timeout: timeout,
            state: Self.states[state], startedAt: startedAt, targets: Set(targets))
    }

    // MARK: Bytes

    var bytes: ByteBuffer {
        var out = WireWriter(ByteBuffer(), isFlexible: true)
        out.int8(kind.rawValue)
        out.array(texts) { $0.string($1) }
        out.array(numbers) { $0.int64($1) }
        return out.buffer
    }

    init(_ bytes: ByteBuffer) throws {
        var reader = WireReader(bytes, isFlexible: true)
        let number = try reader.int8()
        guard let kind = Kind(rawValue: number) else {
            throw Unreadable(reason: "it is of a kind \(number), which this version does not know")
        }
        let texts = try reader.array { reader throws(WireError) in try reader.string() }
        let numbers = try reader.array { reader throws(WireError) in try reader.int64() }
        if reader.buffer.readableBytes > 0 { throw Unreadable(reason: "more than a row") }
        self.init(kind, texts, numbers)
    }
}
