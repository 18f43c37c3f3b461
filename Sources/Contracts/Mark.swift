/// A record without data that says how far a topic partition has come.
///
/// Such a record has no value, and a header `foreshadow-mark` whose value is `idle` or event time as decimal
/// epoch milliseconds.
public enum Mark: Sendable, Equatable {
    /// No record of an older event time will follow in this topic partition.
    case completeThrough(EventTime)
    /// The topic partition is silent: nobody should wait for it until it speaks again.
    case idle

    /// The header.
    public static let headerName = "foreshadow-mark"

    /// The header's value of a record of `interactions` that switches the model: no mark of progress. The record's
    /// value is the model's file; without a value, there is no model from there on.
    public static let model = "model"

    /// The key of a mark in `affinity-vectors`, because a compacted topic needs one. No customer may have it.
    public static let reservedKey = "\u{0}mark"

    /// Reads a header's value; nil unless it is one that `text` could have written, and a time that records may have: not
    /// before 1970, and not after the year 9999.
    public init?(_ text: String) {
        if text == "idle" {
            self = .idle
        } else if let time = EventTime(text), (0...EventTimeText.latest).contains(time), String(time) == text
        {
            self = .completeThrough(time)
        } else {
            return nil
        }
    }

    /// The header's value.
    public var text: String {
        switch self {
        case .idle: "idle"
        case .completeThrough(let time): String(time)
        }
    }
}
