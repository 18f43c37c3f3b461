import Testing

@testable import Evaluation

@Suite struct BootstrapTests {
    @Test func `as many customers are drawn as there are, and only those that were scored`() {
        let bootstrap = CustomerBootstrap()
        for resample in 0..<20 {
            let weights = bootstrap.weights(resample: resample, candidates: [1, 4, 5], customerCount: 7)
            #expect(weights.count == 7)
            #expect(weights.reduce(0, +) == 3)
            #expect(weights[1] + weights[4] + weights[5] == 3)
        }
    }

    @Test func `the seed and the resample's number decide the draw`() {
        let candidates = [Int32](0..<50)
        func draw(seed: UInt64, _ resample: Int) -> [Int32] {
            var bootstrap = CustomerBootstrap()
            bootstrap.seed = seed
            return bootstrap.weights(resample: resample, candidates: candidates, customerCount: 50)
        }
        #expect(draw(seed: 1, 0) == draw(seed: 1, 0))
        #expect(draw(seed: 1, 0) != draw(seed: 1, 1))
        #expect(draw(seed: 1, 0) != draw(seed: 2, 0))
    }

    @Test func `the interval leaves out 2.5 percent on either side`() throws {
        let interval = try #require(CustomerBootstrap.interval((0...1_000).reversed().map(Double.init)))
        #expect(abs(interval.lowerBound - 25) < 1e-9)
        #expect(abs(interval.upperBound - 975) < 1e-9)
        #expect(CustomerBootstrap.interval([3]) == 3...3)
        #expect(CustomerBootstrap.interval([]) == nil)
    }

    @Test func `the interval of a mean is as wide as its standard error says`() throws {
        // 400 customers with one event each, of whom 30 % are hits: 2 * 1.96 * sqrt(0.3 * 0.7 / 400) = 0.0898.
        let events = (0..<400).map { event(customer: $0) }
        let scores = (0..<400).map { score(loss: 1, isHit: $0 % 10 < 3) }
        let metrics = ModelMetrics(events, scores, customerCount: 400)
        var bootstrap = CustomerBootstrap()
        bootstrap.resamples = 1_000
        let draws = (0..<bootstrap.resamples).compactMap {
            metrics.values(
                weights: bootstrap.weights(resample: $0, candidates: [Int32](0..<400), customerCount: 400))[0]
        }
        let interval = try #require(CustomerBootstrap.interval(draws))
        #expect(interval.contains(0.3))
        #expect(abs(interval.upperBound - interval.lowerBound - 0.0898) < 0.01)
    }

    @Test func `customers who agree leave no doubt`() throws {
        let events = (0..<60).map { event(customer: $0 % 20) }
        let scores = (0..<60).map { score(loss: 1, isHit: $0 < 30) }
        let metrics = ModelMetrics(events, scores, customerCount: 20)
        let weights = CustomerBootstrap().weights(
            resample: 3, candidates: [Int32](0..<20), customerCount: 20)
        let once = metrics.values(weights: [Int32](repeating: 1, count: 20))
        #expect(once[0] == 0.5)
        #expect(metrics.values(weights: weights)[1] == 1, "every event has that loss")
    }
}
