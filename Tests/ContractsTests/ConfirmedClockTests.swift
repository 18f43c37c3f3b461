import Contracts
import Testing

/// A time that several share, and no single one decides.
@Suite struct ConfirmedClockTests {
    private static let minute: EventTime = 60_000
    private static let hour: EventTime = 3_600_000
    private static let year: EventTime = 365 * 24 * hour
    private static let start: EventTime = 1_767_571_200_000

    private func clock() -> ConfirmedClock {
        ConfirmedClock(stepMillis: 10 * Self.minute, windowMillis: Self.hour)
    }

    /// Two senders that agree.
    private func agreed() -> ConfirmedClock {
        var clock = clock()
        clock.hear(Self.start, from: 1)
        clock.hear(Self.start + 1, from: 2)
        return clock
    }

    @Test func `before anything was heard there is no time, and the first sender is believed`() {
        var clock = clock()
        #expect(clock.time == nil)
        #expect(clock.hear(Self.start, from: 1) == Self.start)
        #expect(clock.hear(Self.start + Self.year, from: 1) == Self.start + Self.year)
        #expect(clock.heldBack == 0)
    }

    @Test func `up to a step ahead of another sender time is taken at once, beyond it not at all`() {
        var clock = agreed()
        let step = clock.stepMillis
        #expect(clock.hear(Self.start + step, from: 2) == Self.start + step)
        #expect(clock.hear(Self.start + step + 1, from: 2) == Self.start + step)
        #expect(clock.heldBack == 1)
    }

    @Test(arguments: [16 * minute, hour, year, .max / 2] as [EventTime])
    func `who is far ahead waits for another`(lead: EventTime) {
        var clock = agreed()
        #expect(clock.hear(Self.start + lead, from: 3) == Self.start + 1)
        #expect(clock.hear(Self.start + 5 * Self.minute, from: 1) == Self.start + 5 * Self.minute)
        #expect(clock.hear(Self.start + lead + 1, from: 2) == Self.start + lead + 1)
    }

    @Test func `who is behind moves nothing`() {
        var clock = agreed()
        #expect(clock.hear(0, from: 3) == Self.start + 1)
        #expect(clock.hear(.min, from: 2) == Self.start + 1)
    }

    @Test func `who was ahead and is back confirms others again`() {
        var clock = agreed()
        clock.hear(Self.start + Self.year, from: 2)
        clock.hear(Self.start + Self.hour, from: 2)
        #expect(clock.time == Self.start + 1)
        #expect(clock.hear(Self.start + Self.hour, from: 1) == Self.start + Self.hour)
    }

    @Test func `who goes on alone for a window is believed, and a leap is no way`() {
        var clock = agreed()
        let first = Self.start + 8 * Self.hour
        for number in 0..<6 as Range<Int64> {
            #expect(clock.hear(first + number * 10 * Self.minute, from: 1) == Self.start + 1)
        }
        #expect(clock.hear(first + Self.hour, from: 1) == first + Self.hour)
        var other = agreed()
        for number in 1...5 as ClosedRange<Int64> { other.hear(Self.start + number * Self.year, from: 1) }
        #expect(other.time == Self.start + 1)
    }

    @Test func `whoever else speaks ends being alone`() {
        var clock = agreed()
        for number in 1...100 as ClosedRange<Int64> {
            clock.hear(Self.start + Self.year + number * 10 * Self.minute, from: 1)
            if number % 5 == 0 { clock.hear(Self.start + number, from: 2) }
        }
        #expect(clock.time == Self.start + 100)
    }

    @Test func `a mark is believed near the newest record, and confirms what is near itself`() {
        var clock = agreed()
        let end = Self.start + Self.hour
        #expect(clock.believes(mark: end))
        #expect(clock.mark(end) == end)
        #expect(clock.time == end)
        #expect(clock.hear(end + Self.minute, from: 1) == end + Self.minute)
        // One after the other, through windows in which nothing happens.
        for number in 1...9 as ClosedRange<Int64> {
            #expect(clock.mark(end + number * Self.hour) == end + number * Self.hour)
        }
    }

    @Test func `a mark far from all records closes the window that is open, however often it comes`() {
        var clock = agreed()
        for _ in 0..<10 {
            #expect(!clock.believes(mark: Self.start + Self.year))
            #expect(clock.mark(Self.start + Self.year) == Self.start + 1 + Self.hour)
        }
        #expect(clock.time == Self.start + 1 + Self.hour)
    }

    @Test func `the last record and the mark after it end a trace`() {
        var clock = agreed()
        let last = Self.start + 8 * Self.hour
        #expect(clock.hear(last, from: 1) == Self.start + 1)
        #expect(clock.mark(last + 1) == last + 1)
    }

    @Test func `it goes on from its bytes as if nothing had happened`() throws {
        var clock = agreed()
        clock.hear(Self.start + Self.year, from: 3)
        _ = clock.mark(Self.start + Self.hour)
        var state = StateWriter()
        clock.encode(into: &state)
        var other = self.clock()
        var reader = StateReader(state.bytes.span.bytes)
        try other.restore(&reader)
        try reader.finish()
        #expect(other == clock)
    }

    @Test func `a time stamp is what event time is held against, and the detail names both and the limit`() {
        let limit = EventTimeLimit(toleranceMillis: 1_000)
        #expect(throws: Never.self) { try limit.check(6_000, published: 5_000) }
        #expect(throws: Never.self) { try limit.check(.max, published: nil) }
        let rejection = #expect(throws: Rejection.self) { try limit.check(6_001, published: 5_000) }
        #expect(rejection?.reason == .futureTime)
        #expect(
            rejection?.detail
                == "time 6001 is after the record's time stamp 5000 by more than 1000 ms (limits.futureToleranceMillis)"
        )
    }
}
