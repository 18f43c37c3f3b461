import Contracts
import Foundation

@testable import Experiments

/// Latencies that are skewed, and alike within a customer: base x the customer's factor x the request's factor, both
/// log-normal with mean 1.
struct SkewedLatency {
    /// Mean in microseconds.
    static let base = 20_000.0
    private let customerFactors: [Double]
    private let requestFactors: [Double]

    /// Factors with those standard deviations of their logarithms, out of 2^15 that are drawn once.
    init(customers: Double, requests: Double, _ lottery: inout Lottery) {
        customerFactors = Self.factors(customers, &lottery)
        requestFactors = Self.factors(requests, &lottery)
    }

    private static func factors(_ deviation: Double, _ lottery: inout Lottery) -> [Double] {
        let drawn = (0..<(1 << 15)).map { _ in exp(deviation * lottery.normal()) }
        let mean = drawn.reduce(0, +) / Double(drawn.count)
        return drawn.map { $0 / mean }
    }

    func customer(_ lottery: inout Lottery) -> Double {
        customerFactors[Int(truncatingIfNeeded: lottery.next() >> 49)]
    }

    func request(_ customer: Double, effect: Double = 1, _ lottery: inout Lottery) -> Int64 {
        let factor = requestFactors[Int(truncatingIfNeeded: lottery.next() >> 49)]
        return Int64(Self.base * customer * factor * effect)
    }

    /// Standard deviation of the mean of a customer's first `count` requests, in parts of the mean.
    func deviation(requests count: Int) -> Double {
        func variance(_ factors: [Double]) -> Double {
            factors.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / Double(factors.count)
        }
        let (between, within) = (variance(customerFactors), variance(requestFactors))
        return (between + (1 + between) * within / Double(count)).squareRoot()
    }
}

/// Hashes as of customers' names.
func customerHashes(_ count: Int) -> [UInt64] {
    (0..<count).map { ByteHash.finish(UInt64($0) &* 0x9e37_79b9_7f4a_7c15 &+ 1) }
}

/// Two variants or more by latency; the control is called "control", the others "v1", "v2".
func latencyExperiment(_ name: String, sharesMilli: [Int64] = [500, 500]) -> Experiment {
    Experiment(
        name,
        variants: sharesMilli.enumerated().map { place, share in
            Variant(place == 0 ? "control" : "v\(place)", shareMilli: share)
        }, goal: .latency)
}

/// The bytes of a text, for the length of a call.
func withBytes<Result>(_ text: String, _ body: (RawSpan) throws -> Result) rethrows -> Result {
    let bytes = Array(text.utf8)
    return try body(bytes.span.bytes)
}

/// A part in hundredths, for printing.
func percent(_ part: Double) -> String { String(format: "%.2f %%", part * 100) }
