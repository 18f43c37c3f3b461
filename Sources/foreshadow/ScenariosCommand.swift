import ArgumentParser
import Foundation
import Kafka
import Scenarios
import Workload

struct ScenariosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract: "Play stories whose truth is known through the whole pipeline, and score what it does.",
        discussion: """
            \(Scenario.allCases.map { "  \($0.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0))\($0.summary)" }
            .joined(separator: "\n"))

            A copy is in time if it is there before the true share of customers reaches the one that activates. An \
            activation is false if that share never comes. Asked are 80 % in time, at most 5 % false, at most one \
            roll-back a shadow and day, no move for a crowd, and a roll-back in an outage.

              foreshadow scenarios
              foreshadow scenarios flash-crowd outage --seeds 10 --json

            Exit code 4: not good enough.
            """)

    @Argument(help: "Which; all unless told.") var names: [String] = []
    @Option(help: "How many seeds to play each with.") var seeds = 3
    @Option(help: "How many customers.") var customers = 3_000
    @Option(help: "Hours that a copy takes.") var copyHours: Int64 = 4
    @Flag(help: "Print the scores as JSON.") var json = false

    func validate() throws {
        for name in names where Scenario(rawValue: name) == nil {
            let known = Scenario.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("no scenario is called '\(name)'; there are \(known)")
        }
        guard seeds > 0, customers > 0 else { throw ValidationError("seeds and customers are 1 or more") }
        guard (1...1_000).contains(copyHours) else { throw ValidationError("a copy takes 1 to 1,000 hours") }
    }

    func run() async throws {
        let chosen = names.isEmpty ? Scenario.allCases : names.compactMap { Scenario(rawValue: $0) }
        let (seeds, customers, copyHours) = (seeds, customers, copyHours)
        let scores = try await DedicatedThread.run(named: "scenarios") {
            var scores: [ScenarioScore] = []
            for scenario in chosen {
                for seed in 1...seeds {
                    Output.progress("\(scenario.rawValue), seed \(seed) of \(seeds)")
                    let run = ScenarioRun(
                        scenario, seed: UInt64(seed), customers: customers, copyHours: copyHours)
                    scores.append(ScenarioScore(try run.play(), run: run))
                }
            }
            return scores
        }
        Output.endProgress()
        let report = ScenarioReport(scores)
        Output.line(try json ? Output.json(report) : report.text)
        if !report.shortfalls.isEmpty { throw ExitCode(4) }
    }
}

extension ScenarioReport {
    /// Two tables for people.
    var text: String {
        var rows = [
            ["scenario", "seed", "rise", "crosses", "provisioned", "populated", "activated", "in time"]
        ]
        for score in scores {
            for rise in score.rises {
                rows.append(
                    [score.scenario.rawValue, String(score.seed), rise.shadow]
                        + [
                            rise.crossingHours, rise.provisionedHours, rise.populatedHours,
                            rise.activatedHours,
                        ]
                        .map { $0.map { "+\(Int($0.rounded())) h" } ?? "never" } + [
                            rise.isInTime ? "yes" : "no"
                        ])
            }
        }
        var text = TextTable.render(rows)
        rows = [
            ["scenario", "seed", "activations", "false", "false shadows", "reversals a day", "back after"]
        ]
        for score in scores {
            let back = [score.stepBackWindows, score.rollBackWindows].map { $0.map(String.init) ?? "-" }
            rows.append([
                score.scenario.rawValue, String(score.seed), String(score.activations),
                String(score.falseActivations.count), String(score.falseShadows.count),
                String(score.reversalsPerDay),
                score.scenario == .outage ? back.joined(separator: ", ") + " windows" : "",
            ])
        }
        text += "\n" + TextTable.render(rows) + "\n"
        text +=
            "\(risesInTime) of \(rises) copies in time, \(falseActivations) of \(activations) activations false\n"
        text += shortfalls.isEmpty ? "good enough" : shortfalls.map { "short: \($0)" }.joined(separator: "\n")
        return text
    }
}
