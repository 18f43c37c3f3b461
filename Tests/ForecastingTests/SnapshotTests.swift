import Contracts
import Forecasting
import Testing

/// State that was written as bytes is gone on from exactly.
@Suite struct SnapshotTests {
    private func forecaster(_ count: Int, _ configuration: ForecastConfiguration) -> SeriesForecaster {
        var random = SeededSeries(seed: 41)
        var forecaster = SeriesForecaster(configuration, firstWindow: 490_992)
        for hour in 0..<count { forecaster.observe(random.count(mean: hour % 24 < 8 ? 0.1 : 9)) }
        return forecaster
    }

    private var configuration: ForecastConfiguration {
        var configuration = ForecastConfiguration()
        configuration.horizons = [1, 6]
        return configuration
    }

    private func bytes(_ forecaster: SeriesForecaster) -> [UInt8] {
        var writer = StateWriter()
        forecaster.encode(into: &writer)
        return writer.bytes
    }

    @Test(arguments: [0, 1, 5, 100, 600])
    func `a forecaster read from its bytes goes on as the one that wrote them`(count: Int) throws {
        var original = forecaster(count, configuration)
        let bytes = bytes(original)
        var reader = StateReader(bytes.span.bytes)
        var copy = try SeriesForecaster(configuration, &reader)
        try reader.finish()
        #expect(copy == original)
        for value in 0..<50 as Range<Int64> {
            original.observe(value)
            copy.observe(value)
        }
        #expect(copy == original)
        #expect(self.bytes(copy) == self.bytes(original))
    }

    @Test func `state cut short, of another version or of another shape is refused`() {
        let bytes = bytes(forecaster(300, configuration))
        func failure(_ bytes: [UInt8], _ configuration: ForecastConfiguration) -> StateFailure? {
            var reader = StateReader(bytes.span.bytes)
            do {
                _ = try SeriesForecaster(configuration, &reader)
                try reader.finish()
                return nil
            } catch { return error }
        }
        #expect(failure(bytes, configuration) == nil)
        for end in stride(from: 0, to: bytes.count, by: 7) {
            #expect(failure(Array(bytes[..<end]), configuration) != nil)
        }
        #expect(failure([9] + bytes.dropFirst(), configuration) == .unknownVersion(9))
        #expect(
            failure(bytes, ForecastConfiguration()) == .otherShape("horizons [1, 6], not [1]"))
        var minutes = configuration
        minutes.windowMillis = 60_000
        #expect(failure(bytes, minutes) == .otherShape("windows of 3600000 ms, not 60000"))
    }

    @Test func `damaged state is refused or read, and what is read goes on`() throws {
        var random = SeededSeries(seed: 42)
        let bytes = bytes(forecaster(300, configuration))
        for _ in 0..<2_000 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
            var reader = StateReader(damaged.span.bytes)
            guard var copy = try? SeriesForecaster(configuration, &reader) else { continue }
            for value in 0..<10 as Range<Int64> { copy.observe(value) }
            #expect(try #require(copy.forecast(horizon: 6)).p90.isFinite)
        }
    }
}
