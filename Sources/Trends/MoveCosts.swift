/// What a move costs and what it saves, in a unit of the operator's choice: a cent, a second of a user's patience.
///
/// A move pays when, over the horizon,
///
///     remote reads saved  >=  copying the cohort + moving its customers + writing to both
///
/// Volumes are those of calibrated affinities, so what is saved is an expectation: a reader that comes with
/// probability 0.3 counts 0.3.
public struct MoveCosts: Sendable, Equatable {
    /// Of reading a GiB from another partition. 0 unless told: then nothing is asked of a move.
    public var remoteReadPerGiB = 0.0
    /// Of copying a GiB between partitions, when a shadow is populated and with each write to both.
    public var copyPerGiB = 0.0
    /// Of moving one customer, whatever its size.
    public var perCustomer = 0.0
    /// How large a customer's data are. 1 MiB unless told.
    public var bytesPerCustomer: Int64 = 1 << 20
    /// Writes per byte of anticipated volume, in thousandths. 100 unless told.
    public var writeShareMilli: Int64 = 100
    /// Days after which a move must have paid. 30 unless told.
    public var horizonDays: Int64 = 30

    /// Costs that ask nothing.
    public init() {}

    private static let gibibyte = 1_073_741_824.0

    /// Whether moves are asked to pay.
    var areAsked: Bool { remoteReadPerGiB > 0 }

    /// What a move of such a flow saves over the horizon.
    func saving(_ measurement: Measurement) -> Double {
        let volume = Double(measurement.volume) * Double(1_000 - writeShareMilli) / 1_000
        return volume / Self.gibibyte * remoteReadPerGiB * Double(horizonDays)
    }

    /// What it costs over the horizon.
    func cost(_ measurement: Measurement) -> Double {
        let cohort = Double(measurement.cohort)
        let copied = cohort * Double(bytesPerCustomer) / Self.gibibyte * copyPerGiB
        let written = Double(measurement.volume) * Double(writeShareMilli) / 1_000
        let both = written / Self.gibibyte * copyPerGiB * Double(horizonDays)
        return copied + cohort * perCustomer + both
    }

    /// Whether a move of such a flow pays.
    func pays(_ measurement: Measurement) -> Bool {
        !areAsked || saving(measurement) >= cost(measurement)
    }

    func validate() throws(ConfigurationFailure) {
        try ConfigurationFailure.check("costs.remoteReadPerGiB", remoteReadPerGiB, 0...1e9)
        try ConfigurationFailure.check("costs.copyPerGiB", copyPerGiB, 0...1e9)
        try ConfigurationFailure.check("costs.perCustomer", perCustomer, 0...1e9)
        try ConfigurationFailure.check("costs.bytesPerCustomer", bytesPerCustomer, 0...(1 << 50))
        try ConfigurationFailure.check("costs.writeShareMilli", writeShareMilli, 0...1_000)
        try ConfigurationFailure.check("costs.horizonDays", horizonDays, 1...10_000)
    }
}
