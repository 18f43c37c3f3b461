import Contracts

/// What one partition's telemetry says about one window. Counts are summed; latency and utilisation are the worst.
/// The order of the samples does not matter.
struct PartitionWindow: Sendable, Equatable {
    /// Counted from 1970.
    let number: Int64
    private(set) var requests: Int64 = 0
    private(set) var errors: Int64 = 0
    private(set) var latencyP99Micros: Int64 = 0
    private(set) var utilisationMilli: Int64 = 0

    init(number: Int64) { self.number = number }

    mutating func add(_ sample: Telemetry) {
        requests = Amount.sum(requests, Amount.sum(sample.reads, sample.writes))
        errors = Amount.sum(errors, sample.errors)
        latencyP99Micros = max(latencyP99Micros, sample.latencyP99Micros)
        utilisationMilli = max(utilisationMilli, sample.utilisationMilli)
    }

    /// Failed requests per million; rounded down.
    var errorsPerMillion: Int64 {
        requests > 0 ? requests.dividingFullWidth(errors.multipliedFullWidth(by: 1_000_000)).quotient : 0
    }

    /// Whether a sample's figures can be at all.
    static func isWellFormed(_ sample: Telemetry) -> Bool {
        let figures = [
            sample.reads, sample.writes, sample.errors, sample.latencyP50Micros, sample.latencyP99Micros,
            sample.utilisationMilli,
        ]
        return figures.allSatisfy { $0 >= 0 } && sample.errors <= Amount.sum(sample.reads, sample.writes)
    }
}

/// As bytes.
extension PartitionWindow {
    func encode(into state: inout StateWriter) {
        for figure in [number, requests, errors, latencyP99Micros, utilisationMilli] { state.write(figure) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        self.init(number: try reader.read(in: WindowClock.near, "a window"))
        requests = try reader.read(in: 0...Int64.max, "requests")
        errors = try reader.read(in: 0...requests, "errors")
        latencyP99Micros = try reader.read(in: 0...Int64.max, "latency")
        utilisationMilli = try reader.read(in: 0...Int64.max, "utilisation")
    }
}
