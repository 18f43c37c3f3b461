internal import Alerting
internal import Contracts
internal import Streams
internal import Trends

/// State as bytes. The evaluator is some kilobytes a partition and changes with windows only, so it is kept in entries of
/// its own, cut into parts; what changes in between is among what entries share.
extension PlannerAlerts {
    /// What says that the parts belong together.
    struct Saved: Equatable {
        var byteCount: UInt64 = 0
        var hash: UInt64 = 0
    }

    private static let version: UInt64 = 1
    /// Well under what a record may have.
    private static let partBytes = 262_144
    /// The first byte of a part's key; its number follows, in four bytes. A flow's key has four.
    private static let keyPrefix = UInt8(ascii: "a")
    private static let keyBytes = 5

    /// Whether an entry of the planner's snapshot is a part of this.
    static func isPart(_ key: RawSpan) -> Bool { key.byteCount == keyBytes }

    /// Puts the evaluator into the snapshot if it changed.
    mutating func save(into snapshot: inout SnapshotWriter) {
        parts = [:]
        guard isChanged else { return }
        isChanged = false
        var state = StateWriter()
        for alerts in [orphans, evaluator.firing] {
            state.write(UInt64(alerts.count))
            for alert in alerts {
                var text = JSONWriter()
                alert.encode(into: &text)
                state.write(text.bytes.span.bytes)
            }
        }
        evaluator.encode(into: &state)
        let bytes = state.bytes
        saved = Self.describe(bytes)
        for (number, start) in stride(from: 0, to: bytes.count, by: Self.partBytes).enumerated() {
            let part = Array(bytes[start..<min(start + Self.partBytes, bytes.count)])
            let key = [Self.keyPrefix] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
            snapshot.put(entry: key.span.bytes, state: part.span.bytes)
        }
    }

    /// Writes the rest. Comes after `save`.
    func encodeShared(into state: inout StateWriter) {
        state.write(Self.version)
        state.write(saved.byteCount)
        state.write(bits: saved.hash.littleEndian)
        for time in [planned, evaluated] {
            state.write(time != nil)
            state.write(time ?? 0)
        }
        state.write(observations)
        state.write(UInt64(deadLetters.count))
        for (window, count) in deadLetters.sorted(by: { $0.key < $1.key }) {
            state.write(window)
            state.write(count)
        }
    }

    /// Takes a part over.
    mutating func restore(part key: RawSpan, state: RawSpan) {
        let number = (1..<Self.keyBytes).reduce(UInt32(0)) {
            $0 << 8 | UInt32(key.unsafeLoad(fromByteOffset: $1, as: UInt8.self))
        }
        parts[number] = state.withUnsafeBytes { Array($0) }
    }

    /// Takes over the rest, when all parts are there. `shadows` are those of the planner, and its newest window.
    mutating func restore(
        _ reader: inout StateReader, shadows: [ShadowState], plannedThrough: EventTime?
    ) throws(StateFailure) {
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let saved = Saved(byteCount: try reader.read(), hash: try reader.readHash())
        let times = (try reader.readTime(), try reader.readTime())
        observations = try reader.read()
        if observations >> 62 > 0 { throw .outOfRange("observations") }
        var deadLetters: [EventTime: Int64] = [:]
        for _ in 0..<(try reader.count(limit: .max, "windows")) {
            let window: EventTime = try reader.read()
            deadLetters[window] = try reader.read(in: 0...1 << 60, "dead letters")
        }
        self.deadLetters = deadLetters
        (planned, evaluated) = times
        if saved == self.saved { return }
        try restoreEvaluator(saved, shadows, plannedThrough)
    }

    private mutating func restoreEvaluator(
        _ saved: Saved, _ shadows: [ShadowState], _ plannedThrough: EventTime?
    ) throws(StateFailure) {
        var bytes: [UInt8] = []
        for (_, part) in parts.sorted(by: { $0.key < $1.key }) where bytes.count < saved.byteCount {
            bytes += part
        }
        // Longer states of before may have left parts behind.
        if Self.describe(bytes) != saved { throw .outOfRange("parts of the alerts' state") }
        self.saved = saved
        isChanged = false
        var reader = StateReader(bytes.span.bytes)
        orphans = try Self.alerts(&reader)
        let firing = try Self.alerts(&reader)
        do throws(StateFailure) {
            evaluator = try AlertEvaluator(configuration, partitions: partitions, &reader)
            try reader.finish()
        } catch .otherShape, .unknownVersion {
            orphans += firing
            startAnew(shadows, plannedThrough)
        } catch {
            throw error
        }
    }

    /// Begins with an evaluator that has learned nothing, and knows where shadows are. What they stand at counts from now.
    mutating func startAnew(_ shadows: [ShadowState], _ plannedThrough: EventTime?) {
        evaluator = AlertEvaluator(configuration, partitions: partitions)
        (planned, evaluated) = (nil, nil)
        isChanged = true
        guard let plannedThrough else { return }
        for shadow in shadows { observe(shadow, since: plannedThrough) }
    }

    private static func describe(_ bytes: [UInt8]) -> Saved {
        Saved(byteCount: UInt64(bytes.count), hash: ByteHash.hash(bytes.span.bytes))
    }

    private static func alerts(_ reader: inout StateReader) throws(StateFailure) -> [Alert] {
        var alerts: [Alert] = []
        for _ in 0..<(try reader.count(limit: .max, "alerts")) {
            let text = try reader.readBytes()
            do throws(Rejection) {
                alerts.append(try Alert(decoding: text.span.bytes))
            } catch {
                throw .outOfRange("an alert")
            }
        }
        return alerts
    }
}

extension StateReader {
    fileprivate mutating func readHash() throws(StateFailure) -> UInt64 {
        UInt64(littleEndian: try read(bits: UInt64.self))
    }

    fileprivate mutating func readTime() throws(StateFailure) -> EventTime? {
        let isThere: Bool = try read()
        // Where a window more is no overflow.
        let time: EventTime = try read(in: -(1 << 62)...(1 << 62), "a time")
        return isThere ? time : nil
    }
}
