import Contracts
import Foundation
import Testing

@Suite struct PartitionForecastTests {
    private static let text =
        #"{"home":"eu","partition":"us/\"sales\"","window":{"start":1767603600000,"end":1767607200000},"#
        + #""measured":0.084,"expected":0.162,"threshold":0.1,"expectedThreshold":0.15,"leadWindows":3}"#
    private static let forecast = PartitionForecast(
        home: 0, partition: 1, windowStart: 1_767_603_600_000, windowEnd: 1_767_607_200_000,
        measuredMilli: 84, expectedMilli: 162, thresholdMilli: 100, expectedThresholdMilli: 150,
        leadWindows: 3)

    private let map: PartitionMap

    init() throws { map = try PartitionMap(["eu", "us/\"sales\"", "eu-west", "us-east"]) }

    private func decode(_ text: String) throws(Rejection) -> PartitionForecast {
        try PartitionForecast(decoding: text.utf8Span.span.bytes, partitions: map)
    }

    @Test func `a forecast is read as it was written`() throws {
        var writer = JSONWriter()
        Self.forecast.encode(names: PartitionNames(map), into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.text)
        #expect(try decode(Self.text) == Self.forecast)
    }

    @Test func `the key is home and partition`() {
        #expect(Self.forecast.key(map) == #"eu>us/"sales""#)
    }

    @Test func `the example of the topic is a forecast`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "topics/examples/partition-forecasts.json")
        let forecast = try decode(String(contentsOf: file, encoding: .utf8))
        #expect(forecast.expectedMilli == 162)
        #expect(forecast.key(map) == "eu-west>us-east")
    }

    @Test(arguments: [
        (#""home":"eu""#, #""home":"mars""#, Rejection.Reason.unknownPartition, "home"),
        (#""measured":0.084,"#, "", .missingField, "measured"),
        ("0.162", "1.001", .invalidField, "expected"), ("0.15", "-0.15", .invalidField, "expectedThreshold"),
        (#""end":1767607200000"#, #""end":"late""#, .invalidField, "window.end"),
        (#""leadWindows":3"#, #""leadWindows":0"#, .invalidField, "leadWindows"),
        (":3}", ":3", .malformedJSON, "byte"),
    ])
    func `a bad forecast is rejected, and the field is named`(
        part: String, replacement: String, reason: Rejection.Reason, mention: String
    ) throws {
        let bad = Self.text.replacing(part, with: replacement)
        #expect(bad != Self.text)
        let rejected = try #require(throws: Rejection.self) { try decode(bad) }
        #expect(rejected.reason == reason, "\(rejected)")
        #expect(rejected.detail.contains(mention), "\(rejected)")
    }
}
