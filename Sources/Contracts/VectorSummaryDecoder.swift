/// Reads from `affinity-vectors` what sums over customers need. One per worker: its arrays keep their storage.
///
/// Members it has no use for must be JSON too. Of members with one name the last counts.
public struct VectorSummaryDecoder: Sendable {
    private let partitions: PartitionMap

    /// The customer; `withCustomer(in:_:)` gives the bytes.
    public private(set) var customer = ByteRange(offset: 0, count: 0)
    /// Counts the customer's changes.
    public private(set) var sequence: UInt64 = 0
    /// Event time of the change.
    public private(set) var time: EventTime = 0
    /// The customer's static partition.
    public private(set) var home: PartitionIndex = 0
    /// Where the access came from that brought the change about; nil if it was none.
    public private(set) var access: PartitionIndex?
    /// The partitions that are high after the change, each once.
    public private(set) var high: [PartitionIndex] = []
    /// Share of the coming accesses after the change, where it is not 0, each partition once.
    public private(set) var shares: [(partition: PartitionIndex, units: ProbabilityUnits)] = []
    /// Expected accesses after the change, in thousandths per day.
    public private(set) var rateMilli: Int64 = 0
    /// Expected bytes per day after the change.
    public private(set) var volume: Int64 = 0

    /// Whether the customer is dormant: nothing is expected of it until it comes back.
    public var isDormant: Bool { stage == .dormant }
    /// The customer's life-cycle stage after the change; new if the record says none that is known.
    public private(set) var stage = Stage.new
    /// Probability of the next access after the change, where it is not 0; empty unless asked for.
    public private(set) var next: [(partition: PartitionIndex, units: ProbabilityUnits)] = []
    private let readsNext: Bool

    @usableFromInline var unescaped: [UInt8] = []  // the customer, if it has escapes
    private var members = Members()

    private struct Members {
        var customer = JSONToken()
        var sequence = JSONToken()
        var time = JSONToken()
        var home = JSONToken()
        var access = JSONToken()
        var stage = JSONToken()
        var rate = JSONToken()
        var volume = JSONToken()
        var hasAfter = false
    }

    /// A decoder for vectors over `partitions`; with `readsNext`, of that horizon too.
    public init(partitions: PartitionMap, readsNext: Bool = false) {
        self.partitions = partitions
        self.readsNext = readsNext
    }

    /// Reads a record's value into the properties. When it throws, they hold nothing of use.
    public mutating func decode(_ value: RawSpan) throws(Rejection) {
        do throws(JSONFailure) {
            try UTF8Check.check(value)
            var scanner = JSONScanner(value, maximumDepth: 32)
            members = Members()
            try scan(&scanner)
            try scanner.end()
            try interpret(value)
        } catch {
            throw Rejection(error)
        }
    }

    /// Calls `body` with the customer's bytes. `value` must be the one that was decoded last.
    @inlinable
    public func withCustomer<R, E: Error>(
        in value: RawSpan, _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
        if !unescaped.isEmpty { return try body(unescaped.span.bytes) }
        return try body(value.extracting(customer))
    }

    private mutating func scan(_ scanner: inout JSONScanner) throws(JSONFailure) {
        try scanner.open(0x7B)
        while let name = try scanner.nextMember() {
            switch MemberName.packed(scanner.text, name) {
            case MemberName.customer: members.customer = try scanner.value()
            case MemberName.sequence: members.sequence = try scanner.value()
            case MemberName.time: members.time = try scanner.value()
            case MemberName.home: members.home = try scanner.value()
            case MemberName.access: members.access = try scanner.value()
            case MemberName.stage: members.stage = try scanner.value()
            case MemberName.after: try scanVector(&scanner)
            default: _ = try scanner.value()
            }
        }
    }

    private mutating func scanVector(_ scanner: inout JSONScanner) throws(JSONFailure) {
        members.hasAfter = true
        members.rate = JSONToken()
        members.volume = JSONToken()
        high.removeAll(keepingCapacity: true)
        shares.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        try scanner.open(0x7B)
        while let name = try scanner.nextMember() {
            switch MemberName.packed(scanner.text, name) {
            case MemberName.share: shares = try scan(&scanner, filling: Self.take(&shares))
            case MemberName.next where readsNext:
                next = try scan(&scanner, filling: Self.take(&next))
            case MemberName.high: try scanHigh(&scanner)
            case MemberName.rate: members.rate = try scanner.value()
            case MemberName.volume: members.volume = try scanner.value()
            default: _ = try scanner.value()
            }
        }
    }

    private typealias Horizon = [(partition: PartitionIndex, units: ProbabilityUnits)]

    /// Leaves nothing behind, so that what is taken keeps its storage when it is filled.
    private static func take(_ horizon: inout Horizon) -> Horizon {
        var taken: Horizon = []
        swap(&taken, &horizon)
        return taken
    }

    /// Reads a horizon of the vector into `used`, whose storage is used again.
    private func scan(
        _ scanner: inout JSONScanner, filling used: consuming Horizon
    ) throws(JSONFailure) -> Horizon {
        var shares = used
        shares.removeAll(keepingCapacity: true)
        var sum = 0
        try scanner.open(0x7B)
        while let name = try scanner.nextMember() {
            let partition = try partition(scanner.text, name)
            let token = try scanner.value()
            guard token.kind == .number,
                let units = JSONNumber(scanner.text, token).rounded(timesTenTo: 4),
                (0...Int64(probabilityOne)).contains(units)
            else { throw invalid("after: a value that is no probability stands", token) }
            if units > 0 {
                if let last = shares.last, last.partition >= partition,
                    shares.contains(where: { $0.partition == partition })
                {
                    throw invalid("after: a partition's second mention stands", name)
                }
                shares.append((partition, ProbabilityUnits(units)))
                sum += Int(units)
            }
        }
        guard sum <= Int(probabilityOne) else {
            throw scanner.failure(.invalidField, "after: probabilities of more than 1")
        }
        return shares
    }

    private mutating func scanHigh(_ scanner: inout JSONScanner) throws(JSONFailure) {
        high.removeAll(keepingCapacity: true)
        try scanner.open(0x5B)
        while try scanner.nextElement() {
            let token = try scanner.value()
            let partition = try partition(scanner.text, token)
            if let last = high.last, last >= partition, high.contains(partition) { continue }
            high.append(partition)
        }
    }

    private mutating func interpret(_ text: RawSpan) throws(JSONFailure) {
        guard members.customer.kind == .string, members.customer.count > 0 else {
            throw invalid("customer: no text stands", members.customer)
        }
        customer = members.customer.range
        unescaped.removeAll(keepingCapacity: true)
        if members.customer.hasEscapes { unescaped = JSONEscape.bytes(text.extracting(customer)) }
        sequence = UInt64(try count(text, members.sequence, "sequence: no count stands"))
        guard let time = EventTimeText.time(text, members.time) else {
            throw invalid("time: no time stands", members.time)
        }
        self.time = time
        home = try partition(text, members.home)
        access = members.access.count == 0 ? nil : try partition(text, members.access)
        stage = members.stage.kind == .string ? Self.stage(text.extracting(members.stage.range)) : .new
        guard members.hasAfter else {
            throw JSONFailure(reason: .missingField, what: "after: nothing stands", offset: 0)
        }
        volume = try count(text, members.volume, "after.volume: no count stands")
        guard members.rate.kind == .number,
            let rate = JSONNumber(text, members.rate).rounded(timesTenTo: 3), rate >= 0
        else { throw invalid("after.rate: no rate stands", members.rate) }
        rateMilli = rate
    }

    private static func stage(_ text: RawSpan) -> Stage {
        Stage.allCases.first { text.equals($0.name) } ?? .new
    }

    private func count(
        _ text: RawSpan, _ token: JSONToken, _ what: StaticString
    ) throws(JSONFailure) -> Int64 {
        guard token.kind == .number, let count = JSONNumber(text, token).integer, count >= 0 else {
            throw invalid(what, token)
        }
        return count
    }

    private func partition(_ text: RawSpan, _ token: JSONToken) throws(JSONFailure) -> PartitionIndex {
        guard token.kind == .string else { throw invalid("no partition's name stands", token) }
        let bytes = text.extracting(token.range)
        var index = partitions.find(bytes)
        if token.hasEscapes {
            let plain = JSONEscape.bytes(bytes)
            index = partitions.find(plain.span.bytes)
        }
        guard let index else {
            throw JSONFailure(
                reason: .unknownPartition, what: "a name of no configured partition stands",
                offset: token.offset)
        }
        return index
    }

    private func invalid(_ what: StaticString, _ token: JSONToken) -> JSONFailure {
        JSONFailure(
            reason: token.isAbsent ? .missingField : .invalidField, what: what, offset: token.offset)
    }
}
