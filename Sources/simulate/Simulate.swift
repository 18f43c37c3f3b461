import Foundation
import Simulation

/// Plays seeds: `simulate FIRST COUNT [--trace] [--bug NAME]`. A violation prints its seed and ends the run with code 1.
@main
struct Simulate {
    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        let isTraced = words.contains("--trace")
        words.removeAll { $0 == "--trace" }
        var bug: PlantedBug?
        if let at = words.firstIndex(of: "--bug"), at + 1 < words.count {
            bug = PlantedBug(rawValue: words[at + 1])
            words.removeSubrange(at...at + 1)
        }
        let first = words.first.flatMap { UInt64($0) } ?? 1
        let count = words.dropFirst().first.flatMap { UInt64($0) } ?? 1
        for seed in first..<first + max(1, count) {
            let plan = SimulationPlan(seed: seed, bug: bug)
            let violations =
                isTraced ? Simulation(plan, trace: { print($0) }).run() : Simulation(plan).run()
            if !violations.isEmpty {
                print("seed \(seed): \(violations.map(\.description).joined(separator: "; "))")
                print("play it alone with: make simulate SEED=\(seed)")
                exit(1)
            }
            if (seed - first + 1).isMultiple(of: 1_000) {
                FileHandle.standardError.write(Data("\(seed - first + 1) seeds\n".utf8))
            }
        }
        print("\(max(1, count)) seeds from \(first) without a violation")
    }
}
