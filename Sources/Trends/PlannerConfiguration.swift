import Contracts

/// When a flow calls for something: either value is enough to enter, both must be under to leave.
public struct DemandThreshold: Sendable, Equatable {
    /// Share of the home's customers for whom the partition is high, in thousandths.
    public var shareMilli: Int64
    /// Anticipated volume in bytes per day; nil turns it off.
    public var volume: Int64?

    /// Makes a threshold from its parts.
    public init(shareMilli: Int64, volume: Int64? = nil) {
        self.shareMilli = shareMilli
        self.volume = volume
    }
}

/// What the telemetry of a window must not exceed for a shadow to take its next step.
public struct GuardLimits: Sendable, Equatable {
    /// Failed requests per request of the target, in thousandths. 10 unless told.
    public var errorRateMilli: Int64 = 10
    /// How much is chance: in a window in which that rate makes e errors, as many as e + errorSlack (1 + sqrt(e)) pass.
    /// 2 unless told, which few windows at that very rate exceed; 0: none.
    public var errorSlack: Int64 = 2
    /// The target's p99 may be this many thousandths of the source's ... 1,500 unless told.
    public var latencyFactorMilli: Int64 = 1_500
    /// ... and this many microseconds on top. 5,000 unless told.
    public var latencySlackMicros: Int64 = 5_000
    /// How far copies in the target may be behind, in milliseconds. 5,000 unless told.
    public var replicaLagMillis: Int64 = 5_000
    /// Records that differ per record compared, in thousandths. 1 unless told.
    public var divergenceMilli: Int64 = 1
    /// Share of the target's capacity in use, in thousandths. 850 unless told.
    public var utilisationMilli: Int64 = 850

    /// The defaults.
    public init() {}

    /// The error rate that a window of so many requests must not exceed, in thousandths. One failure of fifty requests
    /// says nothing, twenty thousand of a million do.
    func errorRateMilli(of requests: Int64) -> Int64 {
        if requests <= 0 { return errorRateMilli }
        let expected = Double(errorRateMilli) * Double(requests) / 1_000
        let slack = Double(errorSlack) * (1 + expected.squareRoot())
        return min(1_000, errorRateMilli + Int64(min(1_000, slack * 1_000 / Double(requests))))
    }
}

/// When the planner does what. All durations are in windows of event time.
public struct PlannerConfiguration: Sendable, Equatable {
    /// Length of a window in milliseconds, the trend aggregator's. One hour unless told.
    public var windowMillis: Int64 = 3_600_000
    /// Customers a cohort needs before a shadow is provisioned or activated for it. 10 unless told.
    public var minimumCohort: Int64 = 10
    /// Provision a shadow here whatever the forecast says: 10 % of the customers unless told. The forecast calls for
    /// one as soon as demand may be at `activate` by the time the copy is made.
    public var provision = DemandThreshold(shareMilli: 100)
    /// Activate it once the measured value is here: 15 % of the customers unless told.
    public var activate = DemandThreshold(shareMilli: 150)
    /// Give it up when both what is measured and what is forecast are under this: 5 % of the customers unless told.
    public var leave = DemandThreshold(shareMilli: 50)
    /// Windows in a row a value must hold before it counts. 2 unless told.
    public var holdWindows = 2
    /// Windows in a row the measured value must hold for reads to move: a day unless told, so that a crowd of some
    /// hours moves none.
    public var activateHoldWindows = 24
    /// Windows a shadow stays provisioning at least: what a copy takes. 1 unless told.
    public var populateWindows = 1
    /// How many windows ahead provisioning looks; nil: `populateWindows` + `holdWindows`, which is when a shadow
    /// called for now can first be activated.
    public var forecastWindows: Int?
    /// Hours without any news, over all flows, after which forecasts start anew. 48 unless told.
    public var forecastGapHours = 48
    /// What part of its accesses a customer makes from a partition that is high for it, in thousandths: turns forecast
    /// accesses into customers. 800 unless told, between `enter` and all.
    public var highPartMilli: Int64 = 800
    /// How many windows old the target's telemetry may be to tell that the copy is complete; 1 is the window
    /// itself. 1 unless told.
    public var telemetryStaleness = 1
    /// Windows between two steps. 1 unless told.
    public var dwellWindows = 1
    /// Windows that lie at least between two turns of a shadow, from going on to going back or the other way
    /// round, and after its retirement; only a breached guard or an order turns it sooner. 24 unless told.
    public var coolDownWindows = 24
    /// Read shares of the ramp in thousandths, rising, the last 1,000. 5, 25, 50 and 100 % unless told.
    public var rampStepsMilli: [Int64] = [50, 250, 500, 1_000]
    /// Shadows that may be open at a time. 64 unless told.
    public var maximumOpenShadows = 64
    /// Shadows that may be on their way at a time, provisioned and neither promoted nor retired. 16 unless told.
    public var maximumMoves = 16
    /// Orders that may wait for their window. 1,000 unless told.
    public var maximumWaitingOrders = 1_000
    /// How far the telemetry of one partition may be ahead of that of all others before windows close on its word, in
    /// milliseconds: see `ConfirmedClock`. `limits.unconfirmedTelemetryStepMillis` in the configuration file.
    public var unconfirmedStepMillis = ConfirmedClock.defaultTelemetryStepMillis
    /// Forecasts that the world is told of at the end of a window at most, the largest. 1,000 unless told.
    public var forecastsMax = 1_000
    /// Anticipated volume, in bytes per day, that the shadows in one partition may have together; nil: any.
    public var partitionVolume: Int64?
    /// What a move costs, and what it saves.
    public var costs = MoveCosts()
    /// What the telemetry must not exceed.
    public var guards = GuardLimits()

    /// The defaults.
    public init() {}
}

extension PlannerConfiguration {
    /// The most windows that a forecast may look ahead.
    static let leadMax = 1_000

    /// How many windows ahead provisioning looks.
    var leadWindows: Int { min(forecastWindows ?? populateWindows + holdWindows, Self.leadMax) }
}
