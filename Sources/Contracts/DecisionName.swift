/// The name of a decision: who made it, which one, and when: `d-INSTANCE-NUMBER-TIME`, each in base 36.
///
/// So an outcome that comes minutes later can be counted to the variants that were assigned then.
public enum DecisionName {
    /// Names a decision.
    public static func text(instance: UInt32, number: UInt64, time: EventTime) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40)
        bytes.append(UInt8(ascii: "d"))
        for part in [UInt64(instance), number, UInt64(max(0, time))] {
            bytes.append(UInt8(ascii: "-"))
            append(part, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a number in base 36.
    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        let start = bytes.count
        var rest = number
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % 36)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            rest /= 36
        } while rest > 0
        bytes[start...].reverse()
    }

    /// When the decision of that name was made; nil if the name is not of this form.
    public static func time(_ name: String) -> EventTime? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "d" else { return nil }
        guard let time = EventTime(parts[3], radix: 36), (0...253_402_300_799_999).contains(time) else {
            return nil
        }
        return time
    }
}
