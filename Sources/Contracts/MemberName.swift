/// Names of members as integers, so that the hot decoders find a member by one comparison.
///
/// The bytes of the name, the first in the lowest bits. Longer names are compared as text.
enum MemberName {
    static let id: UInt64 = 0x6469
    static let operation: UInt64 = 0x706f
    static let time: UInt64 = 0x656d_6974
    static let kind: UInt64 = 0x646e_696b
    static let data: UInt64 = 0x6174_6164
    static let type: UInt64 = 0x6570_7974
    static let bytes: UInt64 = 0x0073_6574_7962
    static let region: UInt64 = 0x6e6f_6967_6572
    static let domain: UInt64 = 0x6e69_616d_6f64
    static let product: UInt64 = 0x0074_6375_646f_7270
    static let subject: UInt64 = 0x0074_6365_6a62_7573
    static let customer: UInt64 = 0x7265_6d6f_7473_7563
    static let next: UInt64 = 0x7478_656e
    static let share: UInt64 = 0x0065_7261_6873
    static let high: UInt64 = 0x6867_6968
    static let rate: UInt64 = 0x6574_6172
    static let volume: UInt64 = 0x656d_756c_6f76
    static let sequence: UInt64 = 0x6563_6e65_7571_6573
    static let home: UInt64 = 0x656d_6f68
    static let stage: UInt64 = 0x0065_6761_7473
    static let access: UInt64 = 0x0000_7373_6563_6361
    static let after: UInt64 = 0x0072_6574_6661

    // Words that stand as values.
    static let read: UInt64 = 0x6461_6572
    static let write: UInt64 = 0x0065_7469_7277

    /// The integer of `name`; 0 if it has more than eight bytes, or none.
    @inline(__always)
    static func packed(_ text: RawSpan, _ name: JSONToken) -> UInt64 {
        if name.hasEscapes { return packedEscaped(text.extracting(name.range)) }
        guard name.count > 0, name.count <= 8 else { return 0 }
        if name.offset + 8 <= text.byteCount {
            return text.word(name.offset) & (UInt64.max >> (64 - UInt64(name.count) * 8))
        }
        return packed(text.extracting(name.range))
    }

    static func packed(_ name: RawSpan) -> UInt64 {
        guard name.byteCount <= 8 else { return 0 }
        var result: UInt64 = 0
        for at in 0..<name.byteCount {
            if name.byte(at) == 0 { return 0 }  // an escaped one; it would not be seen in the integer
            result |= UInt64(name.byte(at)) << UInt64(at * 8)
        }
        return result
    }

    private static func packedEscaped(_ name: RawSpan) -> UInt64 {
        packed(JSONEscape.bytes(name).span.bytes)
    }
}
