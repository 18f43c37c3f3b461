import Contracts
import Foundation
import Pipeline
import Trends

/// The live picture of a demo: a bar, what has come out, and the shadows with their phases.
struct DemoDisplay {
    private let source: DemoSource
    private let partitions: PartitionMap
    private let isLive: Bool
    private var drawnLines = 0
    private var nextLine = ContinuousClock.now

    /// Shadows shown at once; the rest is counted.
    private static let shadowLimit = 10

    init(source: DemoSource, partitions: PartitionMap, isInteractive: Bool) {
        self.source = source
        self.partitions = partitions
        isLive = isInteractive && Output.isTerminal
    }

    /// Draws the picture over the last one. Where nobody watches, a line every five seconds.
    mutating func draw(published: Int, _ progress: DemoPipeline.Progress) {
        let lines = picture(published, progress)
        if isLive {
            let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
            Output.raw(up + lines.map { "\r\u{1B}[2K\($0)\n" }.joined() + "\u{1B}[J")
            drawnLines = lines.count
        } else if ContinuousClock.now >= nextLine {
            nextLine = ContinuousClock.now + .seconds(5)
            Output.note(lines[0])
        }
    }

    private func picture(_ published: Int, _ progress: DemoPipeline.Progress) -> [String] {
        let done = progress.updater.records
        let fraction = Double(done) / Double(max(1, source.expectedEvents))
        let open = progress.planner.shadows.filter { $0.phase != .retired }
        let head =
            "\(Output.bar(fraction)) \(done) events  \(progress.updater.changes) vectors  "
            + "\(progress.planner.commands) commands  \(open.count) shadows  "
            + "event time \(progress.planner.plannedThrough.map(Self.day) ?? "-")"
        let newest = open.sorted { $0.since > $1.since }.prefix(Self.shadowLimit)
        let rest = open.count - newest.count
        return [head] + newest.map(line) + (rest > 0 ? ["  and \(rest) more"] : [])
    }

    private func line(_ shadow: ShadowState) -> String {
        let name = "\(partitions.names[Int(shadow.source)]) > \(partitions.names[Int(shadow.target)])"
        let phase = shadow.phase.rawValue.padding(to: 14)
        let share = Double(shadow.readShareMilli) / 1_000
        return "  \(name.padding(to: 30)) \(phase) \(Output.bar(share, width: 10)) "
            + "\(shadow.readShareMilli / 10) % of reads, cohort \(shadow.cohortSize)"
    }

    /// The day of an event time, as 2026-01-05.
    static func day(_ time: EventTime) -> String {
        String(Date(timeIntervalSince1970: Double(time) / 1_000).ISO8601Format().prefix(10))
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }
}
