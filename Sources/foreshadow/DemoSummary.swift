import Contracts
import Workload

/// What a demo did.
struct DemoSummary: Codable, Sendable {
    /// A true rise of the generated workload, and what became of it.
    struct Rise: Codable, Sendable {
        var home: String
        var target: String
        var finalShare: Double
        /// Hours from the onset of the rise to each step; absent for what never came.
        var provisionedAfterHours: Double?
        var activatedAfterHours: Double?
        var promotedAfterHours: Double?
    }

    /// What was predicted against what is true.
    struct Truth: Codable, Sendable {
        var rises: [Rise]
        var risesProvisioned: Int
        var falseShadows: [String]
    }

    var events: Int
    var processed: Int64
    var duplicates: Int64
    var late: Int64
    var deadLetters: Int64
    var customers: Int64
    var partitions: Int
    var vectors: Int64
    var commands: [String: Int]
    var shadows: [String: Int]
    /// Alerts that began or ended.
    var alerts: Int64
    var windowHours: Double
    var seconds: Double
    var eventsPerSecond: Double
    var truth: Truth?

    /// Whether every event is accounted for.
    var isComplete: Bool { Int64(events) == processed + duplicates + deadLetters }

    /// For people.
    var text: String {
        var lines = [
            "events      \(events) in \(Self.round(seconds)) s (\(Int(eventsPerSecond)) a second), "
                + "\(customers) customers, \(partitions) partitions",
            "            \(processed) processed, \(duplicates) duplicates, \(deadLetters) dead letters, \(late) late",
            "vectors     \(vectors) changes published",
            "commands    " + Self.list(commands),
            "shadows     " + Self.list(shadows),
            "alerts      \(alerts) began or ended",
        ]
        if let truth { lines += truth.lines }
        return lines.joined(separator: "\n")
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "none"
            : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension DemoSummary.Truth {
    init(_ score: TruthScore) {
        rises = score.rises.map { rise in
            func hours(_ time: EventTime?) -> Double? {
                time.map { DemoSummary.round(Double($0 - rise.onset) / 3_600_000) }
            }
            return DemoSummary.Rise(
                home: rise.home, target: rise.target, finalShare: Double(rise.finalShareMilli) / 1_000,
                provisionedAfterHours: hours(rise.provisioned), activatedAfterHours: hours(rise.activated),
                promotedAfterHours: hours(rise.promoted))
        }
        risesProvisioned = rises.count { $0.provisionedAfterHours != nil }
        falseShadows = score.falseShadows.map { "\($0.source)>\($0.target)" }
    }

    var lines: [String] {
        let head =
            "truth       \(risesProvisioned) of \(rises.count) true rises got a shadow, "
            + "\(falseShadows.count) shadows without one"
        let rows = rises.map { rise in
            func text(_ hours: Double?) -> String { hours.map { "\($0) h" } ?? "never" }
            return
                "            \(rise.home) > \(rise.target): \(Int(rise.finalShare * 100)) % of its customers; after "
                + "the onset provisioned \(text(rise.provisionedAfterHours)), activated "
                + "\(text(rise.activatedAfterHours)), promoted \(text(rise.promotedAfterHours))"
        }
        return [head] + rows + falseShadows.map { "            without a true rise: \($0)" }
    }
}
