import Contracts
import Testing

@testable import Workload

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            ("0", 0), ("-5", -5), ("1767571200000", 1_767_571_200_000),
            ("2026-01-05T00:00:00Z", 1_767_571_200_000), ("2026-01-05 00:00:00.5z", 1_767_571_200_500),
            ("2026-01-05T05:30:00.123999+05:30", 1_767_571_200_123),
            ("2026-01-04t19:00:00-05:00", 1_767_571_200_000),
            ("2024-02-29T23:59:60Z", 1_709_251_199_999), ("1969-12-31T23:59:59Z", -1_000),
        ] as [(String, EventTime)])
    func timesAreRead(text: String, time: EventTime) {
        #expect(TimeText.parse(Array(text.utf8)[...]) == time)
    }

    @Test(arguments: [
        "", "-", "1.5", "1e3", "12345678901234567890", "2026-01-05", "2026-01-05T00:00:00",
        "2026-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T00:00:00.Z", "2026-01-05T00:00:00Zx",
    ])
    func otherTextIsRefused(text: String) {
        #expect(TimeText.parse(Array(text.utf8)[...]) == nil)
    }
}
