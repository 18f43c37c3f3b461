internal import Kafka

/// Where a follower stands in every topic partition, beside where the cluster said the ends are.
struct FollowerProgress: Sendable {
    private struct Place: Sendable {
        var topic: Int
        /// The next offset to apply; nil before the first record or end.
        var next: Int64?
        /// When the newest applied record was published, in epoch milliseconds.
        var published: Int64?
        /// The end that was there at the start.
        var startEnd: Int64?
        /// The first offset that was there at the start.
        var start: Int64 = 0
        /// The newest end the cluster told.
        var end: Int64?
        /// An end that is not reached yet, and when it was asked for.
        var awaited: (end: Int64, asked: ContinuousClock.Instant)?
        /// The place held all there was at this moment.
        var current: ContinuousClock.Instant?
        /// The last record that was applied.
        var last: AppliedRecord?
        /// What `last` was when the log was known to be the same.
        var trusted: AppliedRecord?
    }

    private var places: [TopicPartition: Place] = [:]
    private var records: [Int64]

    init(topics: Int) { records = Array(repeating: 0, count: topics) }

    /// Adds topic partitions that are not known yet.
    mutating func add(_ place: TopicPartition, topic: Int) {
        if places[place] == nil { places[place] = Place(topic: topic) }
    }

    var all: [TopicPartition] { places.keys.sorted() }

    /// How many topic partitions of a topic are known.
    func topicPartitions(of topic: Int) -> Int32 { Int32(places.values.count { $0.topic == topic }) }

    /// Where to go on; -2 is the beginning.
    var offsets: [TopicPartition: Int64] { places.mapValues { $0.next ?? -2 } }

    /// The next offset to apply, where one is known.
    var next: [TopicPartition: Int64] { places.compactMapValues(\.next) }

    mutating func applied(
        _ place: TopicPartition, next: Int64, published: Int64?, records count: Int64,
        last: AppliedRecord? = nil
    ) {
        guard var known = places[place] else { return }
        known.next = next
        known.last = last ?? known.last
        // Before the first record there is nothing that another log could differ from.
        known.trusted = known.trusted ?? last
        known.published = published ?? known.published
        records[known.topic] += count
        Self.reach(&known)
        places[place] = known
    }

    /// The cluster said at `asked` that the place holds the offsets `range`.
    mutating func saw(_ range: Range<Int64>, of place: TopicPartition, asked: ContinuousClock.Instant) {
        guard var known = places[place] else { return }
        if known.startEnd == nil {
            known.startEnd = range.upperBound
            known.start = range.lowerBound
        }
        known.end = range.upperBound
        // An empty log has no end that a consumer would see before the first record.
        if range.isEmpty, known.next == nil { known.next = range.upperBound }
        if known.awaited == nil { known.awaited = (range.upperBound, asked) }
        Self.reach(&known)
        places[place] = known
    }

    // MARK: Whether the logs are still the same

    /// The logs were the same until now: what was applied last is what they are compared by from here on.
    mutating func trust() {
        places = places.mapValues { place in
            var place = place
            place.trusted = place.last
            return place
        }
    }

    /// The newest record of each topic partition that was applied while its log was known to be the same.
    var trusted: [TopicPartition: AppliedRecord] { places.compactMapValues(\.trusted) }

    /// Goes on at `offset`: what was before it is lost.
    mutating func skip(_ place: TopicPartition, to offset: Int64) { places[place]?.next = offset }

    /// Forgets all topic partitions. How many records were applied stays.
    mutating func startOver() { places = [:] }

    private static func reach(_ place: inout Place) {
        guard let awaited = place.awaited, let next = place.next, next >= awaited.end else { return }
        place.current = awaited.asked
        place.awaited = nil
    }

    /// Since when everything may be out of date: the view holds all that was published before. Nil until it does.
    var current: ContinuousClock.Instant? {
        var oldest: ContinuousClock.Instant?
        for place in places.values {
            guard let current = place.current else { return nil }
            oldest = min(oldest ?? current, current)
        }
        return oldest
    }

    /// The part of what was there at the start that is applied.
    var restoreProgress: Double {
        if places.isEmpty { return 0 }
        var (done, all) = (0.0, 0.0)
        for place in places.values {
            guard let end = place.startEnd else { return 0 }
            all += Double(end - place.start)
            done += Double(min(end, max(place.start, place.next ?? place.start)) - place.start)
        }
        return all > 0 ? done / all : 1
    }

    /// The topics' records and lags.
    func topics(_ names: [String], now: Int64) -> [FollowerStatus.Topic] {
        names.enumerated().map { number, name in
            var topic = FollowerStatus.Topic(
                name: name, records: records[number], lagRecords: 0, lagMilliseconds: 0)
            for place in places.values where place.topic == number {
                guard let end = place.end else {
                    topic.lagRecords = nil
                    topic.lagMilliseconds = nil
                    break
                }
                let lag = max(0, end - (place.next ?? place.start))
                topic.lagRecords? += lag
                if lag > 0, let published = place.published {
                    topic.lagMilliseconds = max(topic.lagMilliseconds ?? 0, now - published)
                }
            }
            return topic
        }
    }
}
