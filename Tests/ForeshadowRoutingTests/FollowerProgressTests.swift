import Kafka
import Testing

@testable import ForeshadowRouting

@Suite struct FollowerProgressTests {
    private let place = TopicPartition("vectors", 0)
    private let other = TopicPartition("commands", 0)
    private let start = ContinuousClock.now

    private func progress() -> FollowerProgress {
        var progress = FollowerProgress(topics: 2)
        progress.add(place, topic: 0)
        progress.add(other, topic: 1)
        return progress
    }

    @Test func `it is current as of when the ends it has reached were asked for, the oldest of all`() {
        var progress = progress()
        progress.saw(0..<5, of: place, asked: start)
        #expect(progress.current == nil)
        progress.applied(place, next: 5, published: 1, records: 5)
        #expect(progress.current == nil, "nothing is known of the other topic")
        progress.saw(0..<0, of: other, asked: start + .seconds(1))
        #expect(progress.current == start)
        progress.saw(0..<5, of: place, asked: start + .seconds(3))
        #expect(progress.current == start + .seconds(1))
    }

    @Test func `an end that moves on under load is reached all the same`() {
        var progress = progress()
        progress.saw(0..<0, of: other, asked: start + .seconds(9))
        progress.saw(0..<100, of: place, asked: start)
        progress.applied(place, next: 50, published: 1, records: 50)
        progress.saw(0..<200, of: place, asked: start + .seconds(1))
        progress.applied(place, next: 120, published: 1, records: 70)
        #expect(progress.current == start, "the first end is what was awaited")
        progress.saw(0..<300, of: place, asked: start + .seconds(2))
        progress.applied(place, next: 300, published: 1, records: 180)
        #expect(progress.current == start + .seconds(2))
    }

    @Test func `lags are what is there and not applied, and how old the newest applied record is`() {
        var progress = progress()
        progress.saw(0..<10, of: place, asked: start)
        progress.applied(place, next: 4, published: 1_000, records: 4)
        let topics = progress.topics(["vectors", "commands"], now: 3_500)
        #expect(topics[0].lagRecords == 6)
        #expect(topics[0].lagMilliseconds == 2_500)
        #expect(topics[0].records == 4)
        #expect(topics[1].lagRecords == nil, "its end is not known")
    }

    @Test func `restoring is as far as the records that were there at the start are applied`() {
        var progress = FollowerProgress(topics: 1)
        #expect(progress.restoreProgress == 0)
        progress.add(place, topic: 0)
        #expect(progress.restoreProgress == 0)
        progress.saw(10..<30, of: place, asked: start)
        progress.applied(place, next: 15, published: 1, records: 5)
        #expect(progress.restoreProgress == 0.25)
        progress.saw(10..<90, of: place, asked: start)
        progress.applied(place, next: 40, published: 1, records: 25)
        #expect(progress.restoreProgress == 1)
    }

    @Test func `after an error it goes on where it was`() {
        var progress = progress()
        progress.applied(place, next: 7, published: 1, records: 7)
        progress.add(place, topic: 0)
        #expect(progress.offsets == [place: 7, other: -2])
    }
}
