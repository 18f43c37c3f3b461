import Contracts

/// What one partition's telemetry says about one window.
///
/// Counts are summed, latency and utilisation are the worst of the window, lag is the newest. One malformed
/// sample makes the window malformed: figures that cannot be are no ground to move reads on.
struct TelemetryWindow: Sendable, Equatable {
    let windowEnd: EventTime
    private(set) var isMalformed = false
    private(set) var requests: Int64 = 0
    private(set) var errors: Int64 = 0
    private(set) var latencyP99Micros: Int64 = 0
    private(set) var utilisationMilli: Int64 = 0
    private(set) var replicaLagMillis: Int64 = 0
    private(set) var divergenceSampled: Int64 = 0
    private(set) var divergenceFound: Int64 = 0

    init(windowEnd: EventTime) { self.windowEnd = windowEnd }

    /// Adds a sample. Samples of one partition come in rising order of time.
    mutating func add(_ sample: Telemetry) {
        guard sample.isWellFormed else {
            isMalformed = true
            return
        }
        requests = Milli.sum(requests, Milli.sum(sample.reads, sample.writes))
        errors = Milli.sum(errors, sample.errors)
        latencyP99Micros = max(latencyP99Micros, sample.latencyP99Micros)
        utilisationMilli = max(utilisationMilli, sample.utilisationMilli)
        replicaLagMillis = sample.replicaLagMillis
        divergenceSampled = Milli.sum(divergenceSampled, sample.divergenceSampled)
        divergenceFound = Milli.sum(divergenceFound, sample.divergenceFound)
    }
}

extension Telemetry {
    /// Whether the figures can be at all: none negative, parts not above their whole.
    fileprivate var isWellFormed: Bool {
        let figures = [
            reads, writes, errors, latencyP50Micros, latencyP99Micros, utilisationMilli, replicaLagMillis,
            divergenceSampled, divergenceFound,
        ]
        return figures.allSatisfy { $0 >= 0 } && errors <= Milli.sum(reads, writes)
            && latencyP50Micros <= latencyP99Micros && divergenceFound <= divergenceSampled
    }
}

/// As bytes.
extension TelemetryWindow {
    func encode(into state: inout StateWriter) {
        state.write(isMalformed)
        let figures = [
            windowEnd, requests, errors, latencyP99Micros, utilisationMilli, replicaLagMillis,
            divergenceSampled, divergenceFound,
        ]
        for figure in figures { state.write(figure) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        let isMalformed: Bool = try reader.read()
        self.init(windowEnd: try reader.read(in: WindowGrid.near, "window end"))
        self.isMalformed = isMalformed
        let figures = 0...Int64.max
        requests = try reader.read(in: figures, "requests")
        errors = try reader.read(in: figures, "errors")
        latencyP99Micros = try reader.read(in: figures, "latency")
        utilisationMilli = try reader.read(in: figures, "utilisation")
        replicaLagMillis = try reader.read(in: figures, "lag")
        divergenceSampled = try reader.read(in: figures, "records compared")
        divergenceFound = try reader.read(in: figures, "records that differ")
    }
}
