import Foundation
import Testing

@testable import Contracts

/// RFC 3339 date-times.
@Suite struct EventTimeTextTests {
    private func instant(_ text: String) -> EventTime? { RFC3339.instant(text.utf8Span.span.bytes) }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0 as EventTime), ("1970-01-01t00:00:00z", 0), ("1970-01-01 00:00:00Z", 0),
        ("1985-04-12T23:20:50.52Z", 482_196_050_520), ("1996-12-19T16:39:57-08:00", 851_042_397_000),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
        ("2026-01-05T10:30:00.2509999999999999999999Z", 1_767_609_000_250),
        ("2026-01-05T10:30:00.9+01:00", 1_767_605_400_900), ("2026-01-05T10:30:00-00:00", 1_767_609_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T23:59:59.999Z", 951_868_799_999),
        ("9999-12-31T23:59:59.999Z", EventTimeText.latest),
        ("1990-12-31T23:59:60Z", 662_687_999_999), ("1990-12-31T15:59:60.5-08:00", 662_687_999_999),
        ("2017-01-01T05:29:60+05:30", 1_483_228_799_999),
    ])
    func read(text: String, time: EventTime) {
        #expect(instant(text) == time)
    }

    @Test(arguments: [
        "", "2026", "2026-01-05", "2026-01-05T10:30:00", "2026-01-05T10:30Z", "2026-01-05T10:30:00.Z",
        "2026-01-05T10:30:00,5Z", "2026-01-05T10:30:00+01", "2026-01-05T10:30:00+0100",
        "2026-01-05T10:30:00+24:00",
        "2026-01-05T10:30:00+01:60", "2026-01-05T10:30:00ZZ", "2026-01-05T10:30:00Z ",
        " 2026-01-05T10:30:00Z",
        "2026-00-05T10:30:00Z", "2026-13-05T10:30:00Z", "2026-01-00T10:30:00Z", "2026-01-32T10:30:00Z",
        "2026-04-31T10:30:00Z", "2026-02-29T10:30:00Z", "1900-02-29T10:30:00Z", "2026-01-05T24:00:00Z",
        "2026-01-05T10:60:00Z", "2026-01-05T10:30:61Z", "2026-01-05T10:30:60Z", "2026-01-05T22:59:60Z",
        "2026-01-05T10:30:00.5", "2026-01-05T10:30:00.5+", "2026-1-5T10:30:00.00Z", "02026-01-05T10:30:00Z",
        "+026-01-05T10:30:00Z", "2026/01/05T10:30:00Z", "2026-01-05X10:30:00Z", "2026-01-05T10.30.00Z",
    ])
    func refused(text: String) {
        #expect(instant(text) == nil)
    }

    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: 0, to: 146_097, by: 11) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let text = String(
                format: "%04d-%02d-%02dT00:00:00Z", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            #expect(instant(text) == EventTime(day) * 86_400_000, "\(text)")
        }
    }
}
