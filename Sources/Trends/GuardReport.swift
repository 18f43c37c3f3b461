import Contracts

/// What the guards of a step say: a verdict, and the figures it rests on.
struct GuardReport: Sendable, Equatable {
    let health: Health
    /// All figures if they are good, those over their limit if not, none if the telemetry is missing.
    let evidence: [Evidence]

    static let unknown = GuardReport(health: .unknown, evidence: [])

    private init(health: Health, evidence: [Evidence]) {
        self.health = health
        self.evidence = evidence
    }

    /// Holds the target's window against the limits and, for latency, against the source's window.
    ///
    /// A target without requests has an error rate of 0, one without compared records a divergence of 0:
    /// before the first reads are shifted there can be nothing else.
    init(source: TelemetryWindow?, target: TelemetryWindow?, limits: GuardLimits) {
        guard let source, let target else {
            self = .unknown
            return
        }
        let latencyLimit = Milli.sum(
            Milli.scaled(source.latencyP99Micros, by: limits.latencyFactorMilli), limits.latencySlackMicros)
        let figures = [
            Evidence(
                figure: "errorRate", valueMilli: Milli.rate(target.errors, of: target.requests),
                thresholdMilli: limits.errorRateMilli(of: target.requests)),
            Evidence(
                figure: "latencyP99Micros", valueMilli: Milli.of(target.latencyP99Micros),
                thresholdMilli: Milli.of(latencyLimit)),
            Evidence(
                figure: "replicaLagMillis", valueMilli: Milli.of(target.replicaLagMillis),
                thresholdMilli: Milli.of(limits.replicaLagMillis)),
            Evidence(
                figure: "divergence",
                valueMilli: Milli.rate(target.divergenceFound, of: target.divergenceSampled),
                thresholdMilli: limits.divergenceMilli),
            Evidence(
                figure: "utilisation", valueMilli: target.utilisationMilli,
                thresholdMilli: limits.utilisationMilli),
        ]
        let breaches = figures.filter { $0.valueMilli > $0.thresholdMilli }
        self.init(
            health: breaches.isEmpty ? .good : .breached, evidence: breaches.isEmpty ? figures : breaches)
    }
}
