import Affinity
import Configuration
import Contracts
import Pipeline
import Trends

extension PipelineConfiguration {
    /// Takes what a configuration says; what it does not say stays.
    mutating func read(_ reader: ConfigReader) {
        var window = windowMillis
        readNumber(reader, "windowMillis", &window)
        windowMillis = window
        limits.read(reader.scoped(to: "limits"))
        readNumber(reader.scoped(to: "limits"), "maximumModelBytes", &maximumModelBytes)
        affinity.read(reader.scoped(to: "affinity"))
        readNumber(reader.scoped(to: "trends"), "allowedLatenessMillis", &trends.allowedLatenessMillis)
        planner.read(reader.scoped(to: "planner"))
        alerts.read(reader.scoped(to: "alerts"))
    }
}

extension InteractionLimits {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "maximumValueBytes", &maximumValueBytes)
        readNumber(reader, "maximumDepth", &maximumDepth)
        readNumber(reader, "futureToleranceMillis", &futureTolerance)
        readNumber(reader, "unconfirmedStepMillis", &unconfirmedStep)
        readNumber(reader, "unconfirmedTelemetryStepMillis", &unconfirmedTelemetryStep)
    }
}

extension AffinityConfiguration {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "halfLifeShort", &halfLifeShort)
        readNumber(reader, "halfLifeMedium", &halfLifeMedium)
        readNumber(reader, "halfLifeLong", &halfLifeLong)
        readNumber(reader, "halfLifeMillis", &halfLifeMillis)
        readNumber(reader, "recentHalfLife", &recentHalfLife)
        readNumber(reader, "globalBackoff", &globalBackoff)
        readNumber(reader, "rowBackoff", &rowBackoff)
        readNumber(reader, "rowHalfLife", &rowHalfLife)
        readNumber(reader, "pointFloor", &pointFloor)
        readNumber(reader, "nextFixedShare", &nextFixedShare)
        readNumber(reader, "shareFixedShare", &shareFixedShare)
        readNumber(reader, "shareRateHalvings", &shareRateHalvings)
        readNumber(reader, "priorFloor", &priorFloor)
        readNumber(reader, "priorHalfLife", &priorHalfLife)
        readNumber(reader, "poolRate", &poolRate)
        readNumber(reader, "poolSamples", &poolSamples)
        readNumber(reader, "poolSampling", &poolSampling)
        readNumber(reader, "contextCells", &contextCells)
        readNumber(reader, "contextsMax", &contextsMax)
        readNumber(reader, "transitionsMax", &transitionsMax)
        readNumber(reader, "hoursMax", &hoursMax)
        readNumber(reader, "recentIdsMax", &recentIdsMax)
        readNumber(reader, "highEnter", &highEnter)
        readNumber(reader, "highLeave", &highLeave)
        readNumber(reader, "newAccesses", &newAccesses)
        readNumber(reader, "gapSmoothing", &gapSmoothing)
        readNumber(reader, "firstGapMillis", &firstGapMillis)
        readNumber(reader, "gapFloorMillis", &gapFloorMillis)
        readNumber(reader, "churnGaps", &churnGaps)
        readNumber(reader, "dormantGaps", &dormantGaps)
        readNumber(reader, "silenceMaxMillis", &silenceMaxMillis)
        readNumber(reader, "publishDistance", &publishDistance)
        readNumber(reader, "publishFloor", &publishFloor)
    }
}

extension PlannerConfiguration {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "minimumCohort", &minimumCohort)
        provision.read(reader.scoped(to: "provision"))
        activate.read(reader.scoped(to: "activate"))
        leave.read(reader.scoped(to: "leave"))
        readNumber(reader, "holdWindows", &holdWindows)
        readNumber(reader, "activateHoldWindows", &activateHoldWindows)
        readNumber(reader, "populateWindows", &populateWindows)
        if let windows = reader.int(forKey: "forecastWindows") { forecastWindows = windows }
        readNumber(reader, "forecastGapHours", &forecastGapHours)
        readNumber(reader, "telemetryStaleness", &telemetryStaleness)
        readNumber(reader, "dwellWindows", &dwellWindows)
        readNumber(reader, "coolDownWindows", &coolDownWindows)
        if let steps = reader.intArray(forKey: "rampStepsMilli") { rampStepsMilli = steps.map(Int64.init) }
        readNumber(reader, "maximumOpenShadows", &maximumOpenShadows)
        readNumber(reader, "highPartMilli", &highPartMilli)
        readNumber(reader, "maximumMoves", &maximumMoves)
        readNumber(reader, "maximumWaitingOrders", &maximumWaitingOrders)
        readNumber(reader, "forecastsMax", &forecastsMax)
        if let bytes = reader.int(forKey: "partitionVolume") { partitionVolume = Int64(bytes) }
        costs.read(reader.scoped(to: "costs"))
        guards.read(reader.scoped(to: "guards"))
    }
}

extension DemandThreshold {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "shareMilli", &shareMilli)
        if let bytes = reader.int(forKey: "volume") { volume = Int64(bytes) }
    }
}

extension MoveCosts {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "remoteReadPerGiB", &remoteReadPerGiB)
        readNumber(reader, "copyPerGiB", &copyPerGiB)
        readNumber(reader, "perCustomer", &perCustomer)
        readNumber(reader, "bytesPerCustomer", &bytesPerCustomer)
        readNumber(reader, "writeShareMilli", &writeShareMilli)
        readNumber(reader, "horizonDays", &horizonDays)
    }
}

extension GuardLimits {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "errorRateMilli", &errorRateMilli)
        readNumber(reader, "errorSlack", &errorSlack)
        readNumber(reader, "latencyFactorMilli", &latencyFactorMilli)
        readNumber(reader, "latencySlackMicros", &latencySlackMicros)
        readNumber(reader, "replicaLagMillis", &replicaLagMillis)
        readNumber(reader, "divergenceMilli", &divergenceMilli)
        readNumber(reader, "utilisationMilli", &utilisationMilli)
    }
}
