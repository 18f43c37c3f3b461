import Foundation
import Testing

@testable import Evaluation

/// Figures that an independent implementation of the same rules computed on a real trace.
@Suite struct RealTraceTests {
    /// `FORESHADOW_TRACES` or, beside this project, `shared/data`: the traces may not be handed on with it.
    static let path: String = {
        let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data").path
        let folder = ProcessInfo.processInfo.environment["FORESHADOW_TRACES"] ?? beside
        return folder + "/git_kafka.csv.gz"
    }()

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: path), "the trace git_kafka.csv.gz is not here"))
    func `the baselines are those of the reference`() throws {
        let trace = try EvaluationTrace(path: Self.path, target: .region)
        #expect(trace.dataset == "git_kafka")
        #expect(trace.events.count == 13_998)
        #expect(trace.customers.count == 1_388)
        var bootstrap = CustomerBootstrap()
        bootstrap.resamples = 0
        let report = EvaluationReport(
            trace, try Prequential().run(trace, [Baselines(trace)]), subject: "mix", bootstrap: bootstrap)
        #expect(report.changeShare.text(decimals: 3) == "0.094")
        // accuracy, log loss, log loss in the second half, accuracy on changes
        let reference: [String: [Double]] = [
            "home": [0.722, 1.942, 1.844, 0.395], "global": [0.497, 1.740, 2.178, 0.379],
            "last": [0.906, 0.671, 0.257, 0.000], "userfreq": [0.828, 0.544, 0.402, 0.398],
            "decay5": [0.887, 0.463, 0.377, 0.370], "decay20": [0.869, 0.459, 0.345, 0.394],
            "decay50": [0.855, 0.489, 0.362, 0.402], "markov": [0.906, 0.410, 0.232, 0.167],
            "mix": [0.910, 0.362, 0.217, 0.295],
        ]
        #expect(report.models.count == reference.count)
        let metrics: [Metric] = [.accuracy, .logLoss, .logLossSecondHalf, .accuracyOnChanges]
        for model in report.models {
            for (metric, wanted) in zip(metrics, try #require(reference[model.name])) {
                let found = try #require(model.values[metric])
                #expect(abs(found - wanted) < 0.0006, "\(model.name) \(metric)")
            }
        }
    }
}
