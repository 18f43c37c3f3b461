import Contracts

extension TruthScore: CustomStringConvertible {
    /// Two tables for people: hours are relative to each rise's onset.
    public var description: String {
        var rows = [["rise", "final", "crossed", "provisioned", "activated", "promoted"]]
        for rise in rises {
            let times = [rise.crossing, rise.provisioned, rise.activated, rise.promoted]
            rows.append(
                ["\(rise.home) -> \(rise.target)", TextTable.tenths(rise.finalShareMilli, "%")]
                    + times.map { time in time.map { Self.hours(from: rise.onset, to: $0) } ?? "never" })
        }
        var text =
            "true rises at \(TextTable.tenths(thresholdMilli, "%")): \(rises.count)\n"
            + TextTable.render(rows)
        text += "false shadows: \(falseShadows.count)\n"
        if falseShadows.isEmpty { return text }
        rows = [["shadow", "true share", "provisioned", "why"]]
        for shadow in falseShadows {
            rows.append([
                "\(shadow.source) -> \(shadow.target)", TextTable.tenths(shadow.finalShareMilli, "%"),
                String(shadow.provisioned), shadow.isEarly ? "before the onset" : "no true rise",
            ])
        }
        return text + TextTable.render(rows)
    }

    private static func hours(from onset: EventTime, to time: EventTime) -> String {
        let tenths = (time - onset) / 360_000
        return (tenths < 0 ? "-" : "+") + TextTable.tenths(abs(tenths), " h")
    }
}

extension GroundTruth: CustomStringConvertible {
    /// A table of the pairs that have a launch, and the sum of the movers.
    public var description: String {
        var rows = [["launch", "customers", "onset", "turned", "of them movers", "share"]]
        for pair in pairs {
            guard let onset = pair.onset else { continue }
            rows.append([
                "\(pair.home) -> \(pair.target)", String(pair.customers), String(onset),
                String(pair.arrivals.count), String(pair.movers), TextTable.tenths(pair.finalShareMilli, "%"),
            ])
        }
        let movers = pairs.reduce(0) { $0 + $1.movers }
        return TextTable.render(rows) + "movers over all \(pairs.count) pairs: \(movers)\n"
    }
}
