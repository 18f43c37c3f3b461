import Contracts
import Foundation

/// A shadow as its newest command has it, for people.
struct ListedShadow: Sendable {
    var command: ShadowCommand
    /// `source>target`.
    var name: String
    /// The command as it is in the topic.
    var json: String

    /// Phase, read share, and what holds it.
    var state: String {
        var words = [command.phase.rawValue, "reads \(Self.percent(command.readShareMilli))"]
        if command.dualWrite { words.append("writes to both") }
        if command.isPaused { words.append("paused") }
        if command.isPinned { words.append("pinned") }
        return words.joined(separator: ", ")
    }

    /// One line.
    var line: String {
        [
            name, state, "cohort \(command.cohortSize) (\(Self.percent(command.cohortShareMilli)))",
            "epoch \(command.epoch)", "since \(Self.time(command.windowEnd))",
        ].joined(separator: "  ")
    }

    /// The line, and what led there.
    var text: String {
        var lines = [line, "\(command.type.rawValue) because of"]
        for evidence in command.evidence {
            let (value, threshold) = (Self.number(evidence.valueMilli), Self.number(evidence.thresholdMilli))
            lines.append("  \(evidence.figure) \(value), threshold \(threshold)")
        }
        if let order = command.order {
            lines.append("  order \(order.id) by \(order.by): \(order.reason)")
        }
        return lines.joined(separator: "\n")
    }

    private static func number(_ milli: Int64) -> String {
        milli % 1_000 == 0 ? String(milli / 1_000) : String(Double(milli) / 1_000)
    }

    private static func percent(_ milli: Int64) -> String { "\(number(milli * 100)) %" }

    private static func time(_ time: EventTime) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).formatted(.iso8601)
    }
}
