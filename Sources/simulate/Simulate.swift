import Dispatch
import Foundation
import Simulation
import Synchronization

/// Plays seeds: `simulate FIRST COUNT [--trace] [--bug NAME]`, on all cores. A violation prints its seed, and the
/// program ends with code 1.
@main
struct Simulate {
    private static let chunk: UInt64 = 20

    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        let isTraced = words.contains("--trace")
        words.removeAll { $0 == "--trace" }
        let bug = takeBug(&words)
        let numbers = words.compactMap { UInt64($0) }
        guard (1...2).contains(numbers.count), numbers.count == words.count else {
            FileHandle.standardError.write(
                Data("usage: simulate FIRST [COUNT] [--trace] [--bug NAME]\n".utf8))
            exit(64)
        }
        let (first, count) = (numbers[0], numbers.count > 1 ? max(1, numbers[1]) : 1)
        let failed = Mutex<[UInt64: [Simulation.Violation]]>([:])
        let done = Atomic<UInt64>(0)
        DispatchQueue.concurrentPerform(iterations: Int((count + chunk - 1) / chunk)) { number in
            let start = first + UInt64(number) * chunk
            for seed in start..<min(start + chunk, first + count) where failed.withLock({ $0.isEmpty }) {
                let violations = play(SimulationPlan(seed: seed, bug: bug), isTraced)
                if !violations.isEmpty { failed.withLock { $0[seed] = violations } }
                let played = done.add(1, ordering: .relaxed).newValue
                if played.isMultiple(of: 1_000) {
                    FileHandle.standardError.write(Data("\(played) of \(count) seeds\n".utf8))
                }
            }
        }
        for (seed, violations) in failed.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            print("seed \(seed): \(violations.map(\.description).joined(separator: "; "))")
            print("play it alone with: make simulate SEED=\(seed)")
        }
        if failed.withLock({ !$0.isEmpty }) { exit(1) }
        print("\(count) seeds from \(first) without a violation")
    }

    private static func takeBug(_ words: inout [String]) -> PlantedBug? {
        guard let at = words.firstIndex(of: "--bug"), at + 1 < words.count else { return nil }
        defer { words.removeSubrange(at...at + 1) }
        return PlantedBug(rawValue: words[at + 1])
    }

    private static func play(_ plan: SimulationPlan, _ isTraced: Bool) -> [Simulation.Violation] {
        isTraced ? Simulation(plan, trace: { print($0) }).run() : Simulation(plan).run()
    }
}
