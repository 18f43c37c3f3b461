public import Kafka

/// Where a record was read.
public struct ReplayCause: Sendable, Equatable, CustomStringConvertible {
    /// The topic partition.
    public var place: TopicPartition
    /// The offset.
    public var offset: Int64

    /// Names a record.
    public init(_ place: TopicPartition, _ offset: Int64) {
        self.place = place
        self.offset = offset
    }

    /// `interactions[3] offset 42`.
    public var description: String { "\(place) offset \(offset)" }
}

/// The first place where recorded outputs are not what the recorded input leads to.
public struct ReplayDifference: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong there.
    public enum Kind: String, Sendable, Codable {
        /// A record stands there with other bytes.
        case changed
        /// The input leads to a record that is not there.
        case missing
        /// A record stands there to which the input does not lead.
        case extra
    }

    /// What a record holds.
    public struct Content: Sendable, Equatable {
        /// The key.
        public var key: [UInt8]?
        /// The value.
        public var value: [UInt8]?
        /// The headers.
        public var headers: [Header]

        init(key: [UInt8]?, value: [UInt8]?, headers: [Header]) {
            self.key = key
            self.value = value
            self.headers = headers
        }

        init(_ record: borrowing Record) {
            let copy = StoredRecord(record)
            key = copy.key
            value = copy.value
            headers = copy.headers
        }
    }

    /// What is wrong.
    public var kind: Kind
    /// The topic partition of the recorded outputs.
    public var place: TopicPartition
    /// The offset of the recorded record that differs, is extra, or stands where one is missing; nil at the end.
    public var offset: Int64?
    /// The record whose processing gave the recomputed one.
    public var cause: ReplayCause?
    /// What is recorded.
    public var recorded: Content?
    /// What the input leads to.
    public var recomputed: Content?

    /// The first byte in which the two values differ; nil if they do not, or one is not there.
    public var differingByte: Int? {
        guard let a = recorded?.value, let b = recomputed?.value, a != b else { return nil }
        return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
    }

    /// The place and both values, for people.
    public var description: String {
        let at = offset.map { "\(place) offset \($0)" } ?? "the end of \(place)"
        let from = cause.map { ", from \($0)" } ?? ""
        switch kind {
        case .changed:
            let byte = differingByte.map { ", first at byte \($0) of the value" } ?? ""
            let what = recorded?.key == recomputed?.key ? "differs\(byte)" : "is another record"
            return
                "\(at) \(what)\n  recorded    \(excerpt(recorded))\n  recomputed  \(excerpt(recomputed))\(from)"
        case .missing:
            return "before \(at) a record is missing\n  recomputed  \(excerpt(recomputed))\(from)"
        case .extra:
            return "\(at) is a record that no input leads to\n  recorded    \(excerpt(recorded))"
        }
    }

    /// The key and what stands around the differing byte.
    private func excerpt(_ content: Content?) -> String {
        guard let content else { return "(not kept)" }
        let key = content.key.map { Self.printable($0[...]) } ?? "(no key)"
        guard let value = content.value else { return "\(key)  (no value)\(headers(content))" }
        let middle = differingByte ?? 0
        let start = max(0, min(middle, value.count) - 40)
        let end = min(value.count, start + 120)
        let text = Self.printable(value[start..<end])
        return "\(key)  \(start > 0 ? "..." : "")\(text)\(end < value.count ? "..." : "")\(headers(content))"
    }

    private func headers(_ content: Content) -> String {
        content.headers.map { " \($0.name)=\(Self.printable(($0.value ?? [])[...]))" }.joined()
    }

    /// Control characters do not reach the terminal.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x2E : $0 }, as: UTF8.self)
    }
}

extension Record {
    /// Whether key, value and headers are the same bytes.
    func hasSameContent(as other: borrowing Record) -> Bool {
        guard Self.isEqual(value, other.value), Self.isEqual(key, other.key) else { return false }
        if !hasHeaders && !other.hasHeaders { return true }
        return headers() == other.headers()
    }

    /// Whether two keys or values are the same bytes.
    static func isEqual(_ a: RawSpan?, _ b: RawSpan?) -> Bool {
        guard let a else { return b == nil }
        guard let b, a.byteCount == b.byteCount else { return false }
        return a.withUnsafeBytes { left in b.withUnsafeBytes { isEqual(left, $0) } }
    }

    private static func isEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at + 8 <= a.count {
            let left = a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if left != b.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
            at += 8
        }
        while at < a.count {
            if a[at] != b[at] { return false }
            at += 1
        }
        return true
    }
}
