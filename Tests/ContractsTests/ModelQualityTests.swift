import Contracts
import Foundation
import Testing

@Suite struct ModelQualityTests {
    private static let empty = #"{"count":0,"confidence":0,"hits":0},"#
    private static let text =
        #"{"source":3,"window":{"start":1767603600000,"end":1767607200000},"model":"mixture-2+\"spring\"/0a","#
        + #""accesses":7,"logLoss":0.641207,"baselineLogLoss":1.0183,"calibration":["#
        + String(repeating: empty, count: 8)
        + #"{"count":3,"confidence":0.854069,"hits":2},{"count":4,"confidence":1,"hits":4}]}"#
    private static let quality = ModelQuality(
        source: 3, windowStart: 1_767_603_600_000, windowEnd: 1_767_607_200_000,
        model: #"mixture-2+"spring"/0a"#, accesses: 7, logLossMicro: 641_207,
        baselineLogLossMicro: 1_018_300,
        calibration: Array(repeating: .init(), count: 8) + [
            .init(count: 3, confidenceMicro: 854_069, hits: 2),
            .init(count: 4, confidenceMicro: 1_000_000, hits: 4),
        ])

    private func decode(_ text: String) throws(Rejection) -> ModelQuality {
        try ModelQuality(decoding: text.utf8Span.span.bytes)
    }

    @Test func `a quality is read as it was written`() throws {
        var writer = JSONWriter()
        Self.quality.encode(into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.text)
        #expect(try decode(Self.text) == Self.quality)
    }

    @Test func `the example of the topic is a quality`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "topics/examples/model-quality.json")
        let quality = try decode(String(contentsOf: file, encoding: .utf8))
        #expect(quality.accesses == 543)
        #expect(quality.calibration[9].confidenceMicro == 948_127)
        #expect((0.001..<0.1).contains(quality.expectedCalibrationError))
    }

    @Test(arguments: [
        (#""source":3"#, #""source":-3"#, Rejection.Reason.invalidField, "source"),
        (#""end""#, #""End""#, .missingField, "window.end"),
        (#""mixture-2+\"spring\"/0a""#, #""""#, .missingField, "model"),
        ("spring", String(repeating: "s", count: 1_024), .invalidField, "model"),
        (#""accesses":7"#, #""accesses":8"#, .invalidField, "calibration"),
        ("0.641207", #""0.641207""#, .invalidField, "logLoss"),
        ("0.641207", "-0.641207", .invalidField, "logLoss"),
        (#""baselineLogLoss":1.0183,"#, "", .missingField, "baselineLogLoss"),
        ("0.854069", "1.854069", .invalidField, "confidence"),
        (#","confidence":0.854069"#, "", .missingField, "calibration[].confidence"),
        (#""hits":2"#, #""hits":4"#, .invalidField, "hits"),
        (#"[{"count":0,"confidence":0,"hits":0},"#, "[", .invalidField, "calibration"),
        ("]}", "]", .malformedJSON, "byte"),
    ])
    func `a bad quality is rejected, and the field is named`(
        part: String, replacement: String, reason: Rejection.Reason, mention: String
    ) throws {
        let bad = Self.text.replacing(part, with: replacement)
        #expect(bad != Self.text)
        let rejected = try #require(throws: Rejection.self) { try decode(bad) }
        #expect(rejected.reason == reason, "\(rejected)")
        #expect(rejected.detail.contains(mention), "\(rejected)")
    }

    @Test func `the calibration error is the mean distance of hits from what was said`() {
        // Of 3 accesses 2.562207 hits were expected and 2 came; of 4 all were, and came.
        #expect(abs(Self.quality.expectedCalibrationError - 0.562207 / 7) < 1e-12)
        var none = Self.quality
        none.calibration = Array(repeating: .init(), count: 10)
        #expect(none.expectedCalibrationError == 0)
    }

    /// What a source comes to that says probabilities from 0.3 to 1 and hits as often as `truth` makes of them.
    private func source(seed: UInt64, _ truth: (Double) -> Double) -> ModelQuality {
        var state = seed
        func uniform() -> Double {
            // Knuth's MMIX: good enough for a coin.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        var sums = Array(repeating: (count: Int64(0), said: 0.0, hits: Int64(0)), count: 10)
        for _ in 0..<20_000 {
            let said = 0.3 + 0.7 * uniform()
            let place = min(9, Int(said * 10))
            sums[place].count += 1
            sums[place].said += said
            sums[place].hits += uniform() < truth(said) ? 1 : 0
        }
        var quality = Self.quality
        quality.calibration = sums.map { sum in
            let mean = sum.count == 0 ? 0 : sum.said / Double(sum.count)
            return .init(
                count: sum.count, confidenceMicro: Int64((mean * 1_000_000).rounded()), hits: sum.hits)
        }
        return quality
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `a source that is right as often as it says has a small error, one that boasts a large one`(
        seed: UInt64
    ) {
        let honest = source(seed: seed) { $0 }.expectedCalibrationError
        let boasting = source(seed: seed) { 0.7 * $0 }.expectedCalibrationError
        #expect(honest < 0.02, "seed \(seed)")
        // 0.3 of a mean of 0.65.
        #expect(abs(boasting - 0.195) < 0.02, "seed \(seed)")
    }
}
