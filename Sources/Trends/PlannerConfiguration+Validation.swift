extension PlannerConfiguration {
    /// The longest that a duration in windows may be.
    static let windowsMax = 10_000
    /// The most orders that may be allowed to wait.
    static let waitingOrdersMax = 1_000_000

    /// Throws if the numbers cannot work or would let a shadow flap. `Planner` takes only what passes here.
    public func validate() throws(ConfigurationFailure) {
        // Days and weeks are what forecasts know about time.
        try ConfigurationFailure.check("windowMillis", windowMillis, 1_000...(7 * 86_400_000))
        try ConfigurationFailure.check("minimumCohort", minimumCohort, 1...Int64(Int32.max))
        try validateDurations()
        try validateShares()
        try validateVolumes()
        try validateRamp()
        try guards.validate()
        try costs.validate()
    }

    private func validateDurations() throws(ConfigurationFailure) {
        try ConfigurationFailure.check("holdWindows", Int64(holdWindows), 1...Int64(Self.windowsMax))
        try ConfigurationFailure.check(
            "activateHoldWindows", Int64(activateHoldWindows), 1...Int64(Self.windowsMax))
        try ConfigurationFailure.check("populateWindows", Int64(populateWindows), 1...Int64(Self.windowsMax))
        if let forecastWindows {
            try ConfigurationFailure.check("forecastWindows", Int64(forecastWindows), 1...Int64(Self.leadMax))
        }
        try ConfigurationFailure.check(
            "forecastGapHours", Int64(forecastGapHours), 1...Int64(Self.windowsMax))
        try ConfigurationFailure.check(
            "telemetryStaleness", Int64(telemetryStaleness), 1...Int64(Self.windowsMax))
        try ConfigurationFailure.check("dwellWindows", Int64(dwellWindows), 1...Int64(Self.windowsMax))
        try ConfigurationFailure.check("coolDownWindows", Int64(coolDownWindows), 0...Int64(Self.windowsMax))
        try ConfigurationFailure.check("highPartMilli", highPartMilli, 1...1_000)
        try ConfigurationFailure.check("maximumOpenShadows", Int64(maximumOpenShadows), 1...1_000_000)
        try ConfigurationFailure.check("maximumMoves", Int64(maximumMoves), 1...1_000_000)
        try ConfigurationFailure.check(
            "maximumWaitingOrders", Int64(maximumWaitingOrders), 1...Int64(Self.waitingOrdersMax))
        try ConfigurationFailure.check("unconfirmedStepMillis", unconfirmedStepMillis, 0...(1 << 40))
        try ConfigurationFailure.check("forecastsMax", Int64(forecastsMax), 0...1_000_000)
        if let partitionVolume {
            try ConfigurationFailure.check("partitionVolume", partitionVolume, 1...Int64.max)
        }
    }

    private func validateShares() throws(ConfigurationFailure) {
        try ConfigurationFailure.check("leave.shareMilli", leave.shareMilli, 1...1_000)
        try ConfigurationFailure.check("provision.shareMilli", provision.shareMilli, 1...1_000)
        try ConfigurationFailure.check("activate.shareMilli", activate.shareMilli, 1...1_000)
        if leave.shareMilli >= provision.shareMilli {
            throw .notRising("leave.shareMilli", "provision.shareMilli")
        }
        if provision.shareMilli > activate.shareMilli {
            throw .notRising("provision.shareMilli", "activate.shareMilli")
        }
    }

    private func validateVolumes() throws(ConfigurationFailure) {
        guard let leave = leave.volume, let provision = provision.volume, let activate = activate.volume
        else {
            let isOff = leave.volume == nil && provision.volume == nil && activate.volume == nil
            if isOff { return }
            throw .volumeIncomplete
        }
        try ConfigurationFailure.check("leave.volume", leave, 1...Int64.max)
        if leave >= provision { throw .notRising("leave.volume", "provision.volume") }
        if provision > activate { throw .notRising("provision.volume", "activate.volume") }
    }

    private func validateRamp() throws(ConfigurationFailure) {
        guard let first = rampStepsMilli.first, first > 0, rampStepsMilli.last == 1_000 else {
            throw .rampSteps
        }
        for (lower, upper) in zip(rampStepsMilli, rampStepsMilli.dropFirst()) where lower >= upper {
            throw .rampSteps
        }
    }
}

extension GuardLimits {
    func validate() throws(ConfigurationFailure) {
        try ConfigurationFailure.check("guards.errorRateMilli", errorRateMilli, 0...1_000)
        try ConfigurationFailure.check("guards.errorSlack", errorSlack, 0...1_000)
        try ConfigurationFailure.check("guards.latencyFactorMilli", latencyFactorMilli, 0...1_000_000)
        try ConfigurationFailure.check("guards.latencySlackMicros", latencySlackMicros, 0...(1 << 40))
        try ConfigurationFailure.check("guards.replicaLagMillis", replicaLagMillis, 0...(1 << 40))
        try ConfigurationFailure.check("guards.divergenceMilli", divergenceMilli, 0...1_000)
        try ConfigurationFailure.check("guards.utilisationMilli", utilisationMilli, 1...1_000_000)
    }
}
