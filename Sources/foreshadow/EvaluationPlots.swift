import Evaluation
import Foundation

/// The drawings of an evaluation: the affinity engine beside the rules.
struct EvaluationPlots {
    private let drawings: [(name: String, text: String)]

    /// Draws what was found.
    init(_ report: EvaluationReport, _ scores: PrequentialScores) {
        let subject = AffinityPredictor.name
        let rival = report.comparison?.rival
        let what = "\(report.dataset), next \(report.target.rawValue)"
        var drawings = [
            (
                "learning-curve.svg",
                LearningCurve(scores).chart(title: "Learning curve: \(what)", subject: subject, rival: rival)
            )
        ]
        if let reliability = Reliability(scores, name: subject) {
            let other = rival.flatMap { Reliability(scores, name: $0) }
            drawings.append(
                (
                    "reliability.svg",
                    Reliability.chart(title: "Reliability: \(what)", subject: reliability, rival: other)
                ))
        }
        self.drawings = drawings
    }

    /// Makes the folder if it is not there. To be asked first: it would be a pity to notice at the end.
    static func prepare(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw CommandFailure.input("cannot make '\(folder)': \(error.localizedDescription)") }
    }

    /// Writes the files into `folder`.
    func write(to folder: String) throws { try Self.write(drawings, to: folder) }

    /// Writes drawings into `folder`, each under its name.
    static func write(_ drawings: [(name: String, text: String)], to folder: String) throws {
        do {
            for (name, text) in drawings {
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder).appending(path: name))
            }
        } catch { throw CommandFailure.input("cannot write to '\(folder)': \(error.localizedDescription)") }
    }
}
