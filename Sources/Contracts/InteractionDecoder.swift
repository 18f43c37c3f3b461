/// Reads interactions: plain ones and CloudEvents in binary and structured mode.
///
/// One per worker: it reuses a buffer for the few values whose texts have escapes. Members it does not know are
/// ignored, but must be JSON too. Of members with one name the last counts. Null counts as absent.
public struct InteractionDecoder: Sendable {
    private let limits: InteractionLimits
    @usableFromInline var scratch: [UInt8] = []

    /// A decoder that accepts what is within `limits`.
    public init(limits: InteractionLimits) {
        self.limits = limits
    }

    /// Reads a record. `published` is the record's time stamp; without one no time is too far in the future.
    ///
    /// The size is checked first, then the key's presence, the encoding, the JSON, and the fields.
    public mutating func decode(
        key: RawSpan?, value: RawSpan?, published: EventTime?, cloudEvent: CloudEventAttributes?
    ) throws(Rejection) -> Interaction {
        guard let value else { throw Rejection(.noValue, "the record has no value") }
        guard value.byteCount <= limits.maximumValueBytes else { throw tooLarge(value.byteCount) }
        guard let key, key.byteCount > 0 else { throw Rejection(.emptyKey, "the record has no key") }
        var fields: InteractionFields
        do throws(JSONFailure) {
            fields = try InteractionFields(value, maximumDepth: limits.maximumDepth)
        } catch {
            throw Rejection(error)
        }
        var interaction: Interaction
        if cloudEvent == nil, !fields.hasEscapes {
            interaction = try InteractionReader(text: value, limits: limits).read(fields, key: key)
        } else {
            try rewrite(value, &fields, cloudEvent)
            interaction = try InteractionReader(text: scratch.span.bytes, limits: limits).read(
                fields, key: key)
            interaction.isUnescaped = true
        }
        try limits.eventTime.check(interaction.time, published: published)
        return interaction
    }

    /// Calls `body` with the bytes that the ranges of `interaction` refer to.
    ///
    /// `interaction` must be the newest one this decoder made, and `value` the one it was made from.
    @inlinable
    public func withText<R, E: Error>(
        of interaction: Interaction, in value: RawSpan, _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
        if interaction.isUnescaped { return try body(scratch.span.bytes) }
        return try body(value)
    }

    private mutating func rewrite(
        _ value: RawSpan, _ fields: inout InteractionFields, _ cloudEvent: CloudEventAttributes?
    ) throws(Rejection) {
        scratch.removeAll(keepingCapacity: true)
        value.withUnsafeBytes { unsafe scratch.append(contentsOf: $0) }
        fields.unescape(value, into: &scratch)
        if let cloudEvent { try fields.fill(from: cloudEvent, into: &scratch) }
    }

    private func tooLarge(_ count: Int) -> Rejection {
        Rejection(.tooLarge, "the value has \(count) bytes; at most \(limits.maximumValueBytes) are accepted")
    }
}
