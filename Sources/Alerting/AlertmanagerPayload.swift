public import Contracts

/// Alerts as the body of a request to Alertmanager's `POST /api/v2/alerts`: an array of `postableAlert` of its OpenAPI
/// description.
///
/// Alertmanager takes an alert for resolved if it does not hear of it for its `resolve_timeout`: whoever sends this
/// sends the firing ones again before that.
public enum AlertmanagerPayload {
    /// Appends the array. `generatorURL` leads people to what raised the alerts.
    public static func encode(
        _ alerts: [Alert], generatorURL: String? = nil, into writer: inout JSONWriter
    ) {
        JSONValue.array(alerts.map { value($0, generatorURL) }).write(to: &writer)
    }

    private static func value(_ alert: Alert, _ generatorURL: String?) -> JSONValue {
        let (rule, name, subject) = AlertRule.split(alert.rule)
        var labels = [
            JSONValue.Member("alertname", .string(name)),
            JSONValue.Member("severity", .string(alert.severity.rawValue)),
        ]
        if let subject, !subject.isEmpty {
            labels.append(.init(rule?.subjectLabel ?? "subject", .string(subject)))
        }
        var members = [
            JSONValue.Member("labels", .object(labels)),
            JSONValue.Member(
                "annotations",
                .object([
                    .init("summary", .string(alert.what)), .init("description", .string(description(alert))),
                ])),
            JSONValue.Member("startsAt", .string(RFC3339Text.text(alert.since))),
        ]
        if alert.state == .resolved {
            // An end makes it resolved; it merges with the firing one that Alertmanager holds, which began earlier.
            members.append(.init("endsAt", .string(RFC3339Text.text(alert.since))))
        }
        if let generatorURL { members.append(.init("generatorURL", .string(generatorURL))) }
        return .object(members)
    }

    private static func description(_ alert: Alert) -> String {
        alert.figures.map { figure in
            "\(figure.name) \(Amount.text(milli: figure.valueMilli))"
                + " (limit \(Amount.text(milli: figure.thresholdMilli)))"
        }.joined(separator: ", ")
    }
}

/// Writes times as RFC 3339 has them.
enum RFC3339Text {
    private static let last: EventTime = 253_402_300_799_999  // 9999-12-31T23:59:59.999Z

    /// UTC with milliseconds; times out of the years 1970 to 9999 as the nearest inside.
    static func text(_ time: EventTime) -> String {
        let time = min(max(time, 0), last)
        let (days, rest) = time.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = date(days)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0, 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(padded(rest % 1_000, 3))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days, for days from 1970 on.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400
        return (
            month < 10 ? year : year + 1, month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
