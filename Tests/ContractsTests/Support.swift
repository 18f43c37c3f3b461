import Contracts

/// What an interaction says, copied out of its ranges.
struct PlainInteraction: Equatable {
    var id: String
    var customer: String
    var kind: String
    var region: String
    var domain: String?
    var product: String?
    var time: EventTime
    var bytes: Int64 = 0
    var operation: Contracts.Operation?
}

/// The text of a span.
func text(_ span: RawSpan) -> String {
    String(decoding: span.withUnsafeBytes { Array($0) }, as: UTF8.self)
}

/// Decodes a value with a decoder of its own, or with `decoder`.
func decode(
    _ value: [UInt8]?, key: String? = "c1", published: EventTime? = nil,
    cloudEvent: CloudEventAttributes? = nil, limits: InteractionLimits = InteractionLimits()
) throws(Rejection) -> PlainInteraction {
    var decoder = InteractionDecoder(limits: limits)
    return try decode(value, key: key, published: published, cloudEvent: cloudEvent, with: &decoder)
}

func decode(
    _ value: [UInt8]?, key: String?, published: EventTime? = nil, cloudEvent: CloudEventAttributes? = nil,
    with decoder: inout InteractionDecoder
) throws(Rejection) -> PlainInteraction {
    let keyBytes = key.map { Array($0.utf8) }
    let interaction = try decoder.decode(
        key: keyBytes?.span.bytes, value: value?.span.bytes, published: published, cloudEvent: cloudEvent)
    guard let value else { throw Rejection(.noValue, "accepted without a value") }
    return decoder.withText(of: interaction, in: value.span.bytes) { bytes in
        PlainInteraction(
            id: text(bytes.extracting(interaction.id)),
            customer: text(bytes.extracting(interaction.customer)),
            kind: text(bytes.extracting(interaction.kind)),
            region: text(bytes.extracting(interaction.region)),
            domain: interaction.domain.map { text(bytes.extracting($0)) },
            product: interaction.product.map { text(bytes.extracting($0)) },
            time: interaction.time, bytes: interaction.bytes, operation: interaction.operation)
    }
}

/// What `body` throws, or nil.
func rejection(_ body: () throws(Rejection) -> Void) -> Rejection? {
    do throws(Rejection) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// SplitMix64. Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A full interaction of customer c1.
let fullInteraction =
    Array(
        #"{"id":"e-1","customer":"c1","time":1767605400250,"kind":"purchase","region":"europe-west","#.utf8)
    + Array(#""domain":"billing","bytes":16384,"product":"p-7","op":"write"}"#.utf8)
