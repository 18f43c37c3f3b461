/// Why a record cannot be used. Such records go to the dead letters.
public struct Rejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, as a code that programs can act on.
    public enum Reason: String, Sendable, CaseIterable {
        /// The value is not JSON by RFC 8259, or nested too deeply. The detail names the byte.
        case malformedJSON = "malformed-json"
        /// A required field is absent, null or empty.
        case missingField = "missing-field"
        /// A field has the wrong type or a value that is out of range.
        case invalidField = "invalid-field"
        /// The value is not UTF-8. The detail names the byte.
        case invalidUTF8 = "invalid-utf8"
        /// The value exceeds the size limit; nothing else of it was looked at.
        case tooLarge = "too-large"
        /// A partition is named that is not configured, or region and domain resolve to none that is.
        case unknownPartition = "unknown-partition"
        /// The record has no key, or an empty one.
        case emptyKey = "empty-key"
        /// The key is not the customer that the value names.
        case keyMismatch = "key-mismatch"
        /// The event time is further after the record's time stamp, or a mark further after the newest record, than is
        /// tolerated.
        case futureTime = "future-time"
        /// The record has no value, and is no tombstone or mark either.
        case noValue = "no-value"
        /// The record switches the model, and its value is no model that can be used here.
        case badModel = "bad-model"
        /// The order does not fit the shadow as it is in the window into which the order counts.
        case orderRefused = "order-refused"
    }

    /// The code.
    public var reason: Reason
    /// The field or the byte, and what is wrong with it. Quotes nothing that a customer could have written.
    public var detail: String

    /// Makes a rejection.
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// Code and detail.
    public var description: String { "\(reason.rawValue): \(detail)" }
}
