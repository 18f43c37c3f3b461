import Glibc
import Testing

@testable import Evaluation

@Suite struct MetricTests {
    @Test func `a prediction is scored by the class that came`() {
        let (score, sum) = Score.of([0.2, 0.5, 0.3], seen: 2)
        #expect(abs(sum - 1) < 1e-12)
        #expect(abs(score.logLoss - Float(-log(0.3))) < 1e-6)
        #expect(abs(score.brier - (0.04 + 0.25 + 0.49)) < 1e-6)
        #expect(score.confidence == 0.5)
        #expect(!score.isHit)
        #expect(Score.of([0.2, 0.5, 0.3], seen: 1).score.isHit)
    }

    @Test func `a class held impossible costs much, but not everything`() {
        #expect(abs(Score.of([1, 0], seen: 1).score.logLoss - 27.631) < 0.001)
        #expect(Score.of([1, 0], seen: 1).score.brier == 2)
    }

    @Test func `each metric is the mean over its scope`() {
        var sums = MetricSums()
        sums.add(event(), score(loss: 1, isHit: true))
        sums.add(event(isChange: true), score(loss: 2, isHit: false))
        sums.add(event(isChange: true, isInSecondHalf: true), score(loss: 6, isHit: true))
        sums.add(event(isInSecondHalf: true), score(loss: 3, isHit: true))
        #expect(sums.value(.accuracy) == 0.75)
        #expect(sums.value(.logLoss) == 3)
        #expect(sums.value(.brier) == 0.5)
        #expect(sums.value(.accuracyOnChanges) == 0.5)
        #expect(sums.value(.logLossOnChanges) == 4)
        #expect(sums.value(.logLossSecondHalf) == 4.5)
        #expect(sums.value(.logLossOnChangesSecondHalf) == 6)
        #expect(sums.value(.logLossCold) == nil, "no customer was cold")
        #expect(sums.value(.ece) == nil, "a calibration error is no sum")
    }

    @Test func `a customer that counts twice counts like two`() {
        var one = MetricSums()
        one.add(event(), score(loss: 1, isHit: true))
        var other = MetricSums()
        other.add(event(), score(loss: 4, isHit: false))
        var both = MetricSums()
        both.add(one, weight: 2)
        both.add(other, weight: 1)
        #expect(both.value(.logLoss) == 2)
    }
}

@Suite struct CalibrationTests {
    @Test func `confidence that keeps its word has no error`() throws {
        let calibration = calibration((0..<100).map { (0.75, $0 % 4 != 0) })
        #expect(calibration.bins() == [.init(events: 100, confidence: 0.75, accuracy: 0.75)])
        #expect(calibration.error(weights: [1]) == 0)
    }

    @Test func `the error is the mean distance of the bins, each by its events`() throws {
        let unsure = (0..<90).map { (Float(0.5), $0 < 54) }  // right in 60 %
        let sure = (0..<10).map { _ in (Float(1), false) }
        let error = try #require(calibration(unsure + sure).error(weights: [1]))
        #expect(abs(error - (0.9 * 0.1 + 0.1 * 1)) < 1e-9)
    }

    @Test func `distinct confidences fill fifteen bins of equal mass`() {
        let bins = calibration((0..<150).map { (Float($0) / 150, true) }).bins()
        #expect(bins.count == 15)
        #expect(bins.allSatisfy { $0.events == 10 })
        #expect(bins.map(\.confidence) == bins.map(\.confidence).sorted())
    }

    @Test func `the order of equally confident events does not matter`() {
        let events = (0..<40).map { (Float($0 / 20), $0 % 3 == 0) }
        #expect(calibration(events).bins() == calibration(events.reversed()).bins())
    }

    @Test func `a customer's weight repeats its events`() {
        let events = [event(), event(customer: 1)]
        let scores = [score(loss: 0, isHit: true), score(loss: 0, isHit: false)]
        let calibration = Calibration(events, scores, scope: .all, customerCount: 2)
        #expect(calibration.bins(weights: [3, 1]) == [.init(events: 4, confidence: 0.5, accuracy: 0.75)])
        #expect(calibration.error(weights: [0, 0]) == nil)
    }

    private func calibration(_ events: [(confidence: Float, isHit: Bool)]) -> Calibration {
        Calibration(
            events.map { _ in event() },
            events.map { Score(logLoss: 0, brier: 0, confidence: $0.confidence, isHit: $0.isHit) },
            scope: .all, customerCount: 1)
    }
}

func event(customer: Int32 = 0, isChange: Bool = false, isInSecondHalf: Bool = false) -> ScoredEvent {
    ScoredEvent(
        index: 0, customer: customer, isChange: isChange, isInSecondHalf: isInSecondHalf, isCold: false)
}

func score(loss: Float, isHit: Bool) -> Score {
    Score(logLoss: loss, brier: 0.5, confidence: 0.5, isHit: isHit)
}
