/// Why a configuration cannot be used.
public enum ConfigurationFailure: Error, Equatable, CustomStringConvertible {
    /// The named number is outside what is allowed. Choose one inside.
    case outOfRange(String, allowed: ClosedRange<Int64>)
    /// The named number is outside what is allowed, or none. Choose one inside.
    case numberOutOfRange(String, allowed: ClosedRange<Double>)
    /// Of the two named thresholds the first must be lower than the second, or equal to it where that is
    /// said. Otherwise a shadow would flap.
    case notRising(String, String)
    /// Volume thresholds are set for some of provision, activate and leave. Set all or none.
    case volumeIncomplete
    /// The ramp's steps do not rise from above 0 to exactly 1,000 thousandths.
    case rampSteps

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let allowed):
            "\(name) must lie between \(allowed.lowerBound) and \(allowed.upperBound)"
        case .numberOutOfRange(let name, let allowed):
            "\(name) must lie between \(allowed.lowerBound) and \(allowed.upperBound)"
        case .notRising(let lower, let upper): "\(lower) must be lower than \(upper)"
        case .volumeIncomplete: "set the volume of provision, activate and leave, or of none of them"
        case .rampSteps: "the ramp's steps must rise, start above 0 and end at 1000 thousandths"
        }
    }

    /// Throws unless `value` is in `allowed`.
    static func check(
        _ name: String, _ value: Int64, _ allowed: ClosedRange<Int64>
    ) throws(ConfigurationFailure) {
        if !allowed.contains(value) { throw .outOfRange(name, allowed: allowed) }
    }

    /// Throws unless `value` is in `allowed`.
    static func check(
        _ name: String, _ value: Double, _ allowed: ClosedRange<Double>
    ) throws(ConfigurationFailure) {
        if !allowed.contains(value) { throw .numberOutOfRange(name, allowed: allowed) }
    }
}
