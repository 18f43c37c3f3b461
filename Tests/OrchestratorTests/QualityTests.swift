import Contracts
import ForeshadowRouting
import Foundation
import Testing

@testable import Orchestrator

@Suite struct QualityTests {
    @Test func `calibration is that of all windows together, each record once`() {
        let book = QualityBook()
        #expect(book.figures == QualityBook.Figures())
        var first = ModelQuality(
            source: 0, windowStart: 0, windowEnd: 10, model: "m", accesses: 100, logLossMicro: 500_000,
            baselineLogLossMicro: 900_000,
            calibration: Array(repeating: .init(), count: ModelQuality.binCount))
        first.calibration[8] = .init(count: 100, confidenceMicro: 850_000, hits: 95)
        var second = first
        second.windowEnd = 20
        second.accesses = 300
        second.logLossMicro = 700_000
        second.calibration[8] = .init(count: 100, confidenceMicro: 850_000, hits: 75)
        for quality in [first, second, first] { book.apply(quality) }
        let figures = book.figures
        #expect(figures.logLoss.map { abs($0 - 0.65) < 1e-9 } == true)
        #expect(figures.baselineLogLoss.map { abs($0 - 0.9) < 1e-9 } == true)
        #expect((figures.calibrationError ?? 1) < 1e-9, "one window's luck is the other's")
    }

    @Test func `a forecast is scored by what is measured when it is due`() {
        let book = QualityBook()
        func forecast(_ window: Int64, measured: Int64, expected: Int64) {
            book.apply(
                PartitionForecast(
                    home: 0, partition: 1, windowStart: window * 10, windowEnd: window * 10 + 10,
                    measuredMilli: measured, expectedMilli: expected, thresholdMilli: 100,
                    expectedThresholdMilli: 150, leadWindows: 2), key: "a>b")
        }
        forecast(0, measured: 10, expected: 50)
        forecast(1, measured: 20, expected: 30)
        #expect(book.figures.forecastsExceeded == nil)
        forecast(2, measured: 40, expected: 60)
        forecast(2, measured: 99, expected: 60)
        #expect(book.figures.forecastsExceeded == 0, "40 is under the 50 that were expected")
        forecast(3, measured: 45, expected: 60)
        #expect(book.figures.forecastsExceeded == 0.5, "45 is over the 30 that were expected")
    }

    @Test func `the service follows how good predictions are, and tells Prometheus`() async throws {
        let service = try ServiceFixture()
        let topics = service.parts.feed.topics(ServiceFixture.topics)
        var quality = ModelQuality(
            source: 0, windowStart: 0, windowEnd: 10, model: "m", accesses: 100, logLossMicro: 500_000,
            baselineLogLossMicro: 900_000,
            calibration: Array(repeating: .init(), count: ModelQuality.binCount))
        quality.calibration[8] = .init(count: 100, confidenceMicro: 850_000, hits: 75)
        var writer = JSONWriter()
        quality.encode(into: &writer)
        service.feed(
            try #require(topics.firstIndex(of: TopicName.modelQuality)), key: "0", value: writer.bytes)
        let text = try await service.get("/metrics").text
        #expect(text.contains("\nforeshadow_model_log_loss 0.5\n"))
        #expect(text.contains("\nforeshadow_calibration_error_ratio 0.1\n"), "\(text)")
    }

    @Test func `every topic the service follows is one that it has a use for`() throws {
        let service = try ServiceFixture()
        let topics = ServiceFixture.topics
        let followed = service.parts.feed.topics(topics)
        #expect(
            followed == topics.routing + [
                topics.alerts, topics.experiments, topics.exposures, topics.outcomes, topics.trends,
                topics.forecasts, topics.quality,
            ])
    }

    @Test func `requests are counted by route, and no path gets into a label`() async throws {
        let service = try ServiceFixture()
        _ = try await service.get("/v1/customers/secret-customer/partition")
        _ = try await service.get("/secret-path")
        let text = try await service.get("/metrics").text
        #expect(
            text.contains(
                "foreshadow_http_requests_total{method=\"GET\",route=\"/v1/customers/{customer}/partition\",status=\"404\"} 1\n"
            ),
            "\(text.split(separator: "\n").filter { $0.contains("http_requests_total") })")
        #expect(!text.contains("secret"))
    }
}
