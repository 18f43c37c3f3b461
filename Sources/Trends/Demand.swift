import Contracts

/// What was measured of one (home, target) flow at the end of a window, over all sources, or is expected of it.
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

    /// What a flow would be with so many accesses per day: their share of all that the home's customers make, as many
    /// customers as make that, and as many bytes an access as are anticipated.
    ///
    /// A customer for whom the target is high still makes a part of the accesses from elsewhere, so there are more
    /// such customers than the share of accesses says.
    init(home: Home, total: Pair.Sums, accessesPerDay: Double, highPartMilli: Int64) {
        let milli = Int64(min(max(accessesPerDay, 0) * 1_000, 9e18))
        let whole = Int64(min(Double(milli) / Double(highPartMilli) * 1_000, 9e18))
        shareMilli = min(Milli.share(whole, of: home.accesses), 1_000)
        cohort = Milli.scaled(max(home.customers, 0), by: shareMilli)
        let anticipated = Double(max(total.anticipatedAccesses, 1))
        volume = Int64(min(Double(max(total.anticipatedVolume, 0)) * (Double(milli) / anticipated), 9e18))
    }

    /// The one with more volume, then more customers.
    func orLarger(_ other: Measurement) -> Measurement {
        (other.volume, other.cohort) > (volume, cohort) ? other : self
    }

    func reaches(_ threshold: DemandThreshold) -> Bool {
        if shareMilli >= threshold.shareMilli { return true }
        guard let wanted = threshold.volume else { return false }
        return volume >= wanted
    }
}

/// For how many windows in a row a flow has been over, or under, each threshold; counts to as many as are asked.
struct Demand: Sendable, Equatable {
    private var provision = 0
    private var activate = 0
    private var leave = 0

    /// Takes in what was measured, and what is expected at the lead.
    mutating func observe(
        _ measurement: Measurement, expected: Measurement, _ configuration: PlannerConfiguration
    ) {
        let hold = configuration.holdWindows
        let isCalled =
            Self.calls(expected, configuration.activate, configuration)
            || Self.calls(measurement, configuration.provision, configuration)
        Self.count(&provision, isCalled, upTo: hold)
        Self.count(
            &activate, Self.calls(measurement, configuration.activate, configuration),
            upTo: configuration.activateHoldWindows)
        // What is forecast is not given up before it came.
        let isOver =
            !measurement.reaches(configuration.leave) && !expected.reaches(configuration.leave)
        Self.count(&leave, isOver, upTo: hold)
    }

    func provisionHeld(_ configuration: PlannerConfiguration) -> Bool {
        provision == configuration.holdWindows
    }

    func activateHeld(_ configuration: PlannerConfiguration) -> Bool {
        activate == configuration.activateHoldWindows
    }

    func leaveHeld(_ configuration: PlannerConfiguration) -> Bool { leave == configuration.holdWindows }

    private static func calls(
        _ measurement: Measurement, _ threshold: DemandThreshold, _ configuration: PlannerConfiguration
    ) -> Bool {
        measurement.cohort >= configuration.minimumCohort && measurement.reaches(threshold)
            && configuration.costs.pays(measurement)
    }

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
