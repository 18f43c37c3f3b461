import Contracts

/// What was measured of one (home, target) flow at the end of a window, over all sources.
struct Measurement: Sendable, Equatable {
    /// Share of the home's customers for whom the target is high, in thousandths.
    let shareMilli: Int64
    /// Those customers.
    let cohort: Int64
    /// Bytes per day.
    let volume: Int64

    init(customers: Int64, highCustomers: Int64, anticipatedVolume: Int64) {
        shareMilli = Milli.share(highCustomers, of: customers)
        cohort = max(highCustomers, 0)
        volume = max(anticipatedVolume, 0)
    }

    func reaches(_ threshold: DemandThreshold) -> Bool {
        if shareMilli >= threshold.shareMilli { return true }
        guard let wanted = threshold.volume else { return false }
        return volume >= wanted
    }
}

/// For how many windows in a row a flow has been over, or under, each threshold; counts to `holdWindows`.
struct Demand: Sendable, Equatable {
    private var provision = 0
    private var activate = 0
    private var leave = 0

    mutating func observe(_ measurement: Measurement, _ configuration: PlannerConfiguration) {
        let hold = configuration.holdWindows
        let isEnough =
            measurement.cohort >= configuration.minimumCohort && configuration.costs.pays(measurement)
        Self.count(&provision, isEnough && measurement.reaches(configuration.provision), upTo: hold)
        Self.count(&activate, isEnough && measurement.reaches(configuration.activate), upTo: hold)
        Self.count(&leave, !measurement.reaches(configuration.leave), upTo: hold)
    }

    func provisionHeld(_ configuration: PlannerConfiguration) -> Bool {
        provision == configuration.holdWindows
    }

    func activateHeld(_ configuration: PlannerConfiguration) -> Bool {
        activate == configuration.holdWindows
    }

    func leaveHeld(_ configuration: PlannerConfiguration) -> Bool { leave == configuration.holdWindows }

    private static func count(_ counter: inout Int, _ holds: Bool, upTo limit: Int) {
        counter = holds ? min(counter + 1, limit) : 0
    }
}

/// As bytes.
extension Demand {
    func encode(into state: inout StateWriter) {
        state.write(provision)
        state.write(activate)
        state.write(leave)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        provision = try reader.read(in: 0...PlannerConfiguration.windowsMax, "windows")
        activate = try reader.read(in: 0...PlannerConfiguration.windowsMax, "windows")
        leave = try reader.read(in: 0...PlannerConfiguration.windowsMax, "windows")
    }
}
