/// The name of a decision: who made it, which one, and when: `d-INSTANCE-NUMBER-TIME`, each in base 36.
///
/// So an outcome that comes minutes later can be counted to the variants that were assigned then.
public enum DecisionName {
    /// Names a decision.
    public static func text(instance: UInt32, number: UInt64, time: EventTime) -> String {
        "d-\(String(instance, radix: 36))-\(String(number, radix: 36))-\(String(time, radix: 36))"
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
