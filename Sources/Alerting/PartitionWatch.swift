import Contracts

/// What is known of one partition: windows that wait to be evaluated, and what was learned from those that were.
struct PartitionWatch: Sendable, Equatable {
    /// What a window says; all but `window` nil or empty if there was no telemetry, or not enough.
    struct Report {
        var window: PartitionWindow?
        var load: AnomalySeries.Verdict?
        var latency: AnomalySeries.Verdict?
        var errors: AnomalySeries.Verdict?
    }

    /// Whether it ever sent anything usable.
    private(set) var isHeard = false
    private var newest: EventTime = .min
    private var waiting: [PartitionWindow] = []  // by number
    private var load = AnomalySeries()
    private var latency = AnomalySeries()
    private var errors = AnomalySeries()
    /// In the order of the configuration, first the fast limits.
    private(set) var burns: [BurnRate]

    init(_ configuration: AlertConfiguration) {
        burns = Self.limits(configuration).map { BurnRate($0, windowMillis: configuration.windowMillis) }
    }

    static func limits(_ configuration: AlertConfiguration) -> [BurnLimit] {
        configuration.budget.fast + configuration.budget.slow
    }

    /// Takes a sample in. False if it is malformed, not newer than the last one, of a window that was evaluated, or
    /// of one too many.
    mutating func accept(
        _ sample: Telemetry, window number: Int64, evaluated: Int64?, limit: Int
    ) -> Bool {
        guard PartitionWindow.isWellFormed(sample), sample.time > newest else { return false }
        if let evaluated, number <= evaluated { return false }
        if waiting.last?.number != number {
            guard waiting.count < limit else { return false }
            waiting.append(PartitionWindow(number: number))
        }
        waiting[waiting.count - 1].add(sample)
        newest = sample.time
        isHeard = true
        return true
    }

    /// Learns from a window.
    mutating func evaluate(_ number: Int64, _ configuration: AlertConfiguration) -> Report {
        while let first = waiting.first, first.number < number { waiting.removeFirst() }
        let window = waiting.first?.number == number ? waiting.removeFirst() : nil
        for i in burns.indices { burns[i].add(requests: window?.requests ?? 0, errors: window?.errors ?? 0) }
        let limits = configuration.anomaly
        let dense = (window?.requests ?? 0) >= limits.minimumRequests ? window : nil
        return Report(
            window: window,
            load: load.observe(
                window?.requests, window: number, floor: limits.loadFloor, isBothSided: true, configuration),
            latency: latency.observe(
                dense?.latencyP99Micros, window: number, floor: limits.latencyFloorMicros, configuration),
            errors: errors.observe(
                dense?.errorsPerMillion, window: number, floor: limits.errorFloorPerMillion, configuration))
    }

    /// Forgets what it learned: too long a time has passed unseen.
    mutating func startAnew(_ configuration: AlertConfiguration) {
        (load, latency, errors) = (AnomalySeries(), AnomalySeries(), AnomalySeries())
        burns = Self.limits(configuration).map { BurnRate($0, windowMillis: configuration.windowMillis) }
    }
}

/// As bytes.
extension PartitionWatch {
    func encode(into state: inout StateWriter) {
        state.write(isHeard)
        state.write(newest)
        state.write(UInt64(waiting.count))
        for window in waiting { window.encode(into: &state) }
        for series in [load, latency, errors] { series.encode(into: &state) }
        state.write(UInt64(burns.count))
        for burn in burns { burn.encode(into: &state) }
    }

    init(_ configuration: AlertConfiguration, _ reader: inout StateReader) throws(StateFailure) {
        self.init(configuration)
        isHeard = try reader.read()
        newest = try reader.read()
        for _ in 0..<(try reader.count(limit: 10_000, "windows")) {
            waiting.append(try PartitionWindow(&reader))
        }
        load = try AnomalySeries(configuration, &reader)
        latency = try AnomalySeries(configuration, &reader)
        errors = try AnomalySeries(configuration, &reader)
        let limits = Self.limits(configuration)
        let written = try reader.count(limit: 16, "limits")
        if written != limits.count { throw .otherShape("\(written) burn limits, not \(limits.count)") }
        for (i, limit) in limits.enumerated() {
            burns[i] = try BurnRate(limit, windowMillis: configuration.windowMillis, &reader)
        }
    }
}
