internal import Kafka

/// How soon a follower sees that what it follows has changed.
package struct FollowerTiming: Sendable {
    /// How often the cluster is asked which topics and topic partitions it has.
    package var topicsAsked = Duration.seconds(5)
    /// From when on a topic that is missing was deleted, rather than left out of an answer.
    package var goneAfter = Duration.seconds(30)
    /// After how long without an answer the logs are compared with what was applied.
    package var awayAfter = Duration.seconds(3)

    package init() {}
}

/// What a follower knows of its topics, shared by the thread that applies records and the one that watches the cluster.
struct FollowerState: Sendable {
    /// How a topic differs from what is followed.
    enum TopicChange: Sendable, Equatable {
        /// It has more topic partitions.
        case grown(topic: String, from: Int32, to: Int32)
        /// It has fewer than are followed, or none at all, since now.
        case missing(topic: String, topicPartitions: Int32)
        /// It has been missing for longer than a glitch.
        case gone(topic: String)
        /// It is there again.
        case back(topic: String)
    }

    private struct Absence {
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant
        var isLong = false
    }

    let names: [String]
    var progress: FollowerProgress
    /// What `progress` says: look-ups ask for it, so it is found out only when something has moved.
    private(set) var current: ContinuousClock.Instant?
    private(set) var isCaughtUp = false
    var isStopping = false
    /// The topic partitions have to be looked at, and read, by a new consumer.
    private(set) var needsSession = false
    /// The logs may be others than before: nothing that is said of them counts until they are looked at.
    private var isInDoubt = false
    var restarts = 0
    var error: String?
    private var absences: [Int: Absence] = [:]
    /// Topics that are there again after having been gone.
    private var returned: Set<Int> = []
    private var replacements: [Int64]
    private var lost: [Int64]

    init(_ names: [String]) {
        self.names = names
        progress = FollowerProgress(topics: names.count)
        replacements = Array(repeating: 0, count: names.count)
        lost = Array(repeating: 0, count: names.count)
    }

    func status(now: Int64) -> FollowerStatus {
        var topics = progress.topics(names, now: now)
        for number in topics.indices {
            topics[number].replacements = replacements[number]
            topics[number].lostRecords = lost[number]
        }
        return FollowerStatus(
            topics: topics, isCaughtUp: isCaughtUp,
            restoreProgress: isCaughtUp ? 1 : progress.restoreProgress, restarts: restarts, error: error)
    }

    /// Finds out what follows from the progress. To be called when it has changed.
    mutating func moved() {
        current = progress.current
        if current != nil, !absences.values.contains(where: \.isLong), returned.isEmpty { isCaughtUp = true }
    }

    /// Asks for a new session, because the logs may be others than before.
    mutating func doubt() {
        needsSession = true
        isInDoubt = true
    }

    /// A session begins: what is noticed from here on needs another one.
    mutating func beginSession() {
        needsSession = false
        isInDoubt = true
    }

    /// The logs were the same until now, unless that is in doubt.
    mutating func trust() { if !isInDoubt { progress.trust() } }

    /// The cluster said at `asked` that the topic partition holds the offsets `range`. `next` was the next offset to apply
    /// before that.
    mutating func saw(
        _ range: Range<Int64>, of place: TopicPartition, next: Int64?, asked: ContinuousClock.Instant
    ) {
        // Another log, or a broker that knows less than it told.
        if let next, range.upperBound < next { return doubt() }
        if isInDoubt { return }
        progress.saw(range, of: place, asked: asked)
        moved()
    }

    /// Adds topic partitions. Until they are read to their end, nothing is current.
    mutating func add(_ places: some Sequence<(TopicPartition, Int)>) {
        for (place, topic) in places { progress.add(place, topic: topic) }
        moved()
        if current == nil { isCaughtUp = false }
    }

    /// Compares the topics that are followed with those of the cluster: `counts` says how many topic partitions each has,
    /// 0 if it is missing. Answers what has changed since the last time.
    mutating func compare(_ counts: [Int32], now: ContinuousClock.Instant, goneAfter: Duration)
        -> [TopicChange]
    {
        var changes: [TopicChange] = []
        for (number, count) in counts.enumerated() {
            let known = progress.topicPartitions(of: number)
            if known == 0 { continue }
            if count < known {
                if let change = miss(number, count, now, goneAfter) { changes.append(change) }
                continue
            }
            if let absence = absences.removeValue(forKey: number) {
                if absence.isLong {
                    returned.insert(number)
                    error = nil
                }
                doubt()
                changes.append(.back(topic: names[number]))
            }
            if count > known {
                add((known..<count).map { (TopicPartition(names[number], $0), number) })
                doubt()
                changes.append(.grown(topic: names[number], from: known, to: count))
            }
        }
        return changes
    }

    private mutating func miss(
        _ number: Int, _ count: Int32, _ now: ContinuousClock.Instant, _ goneAfter: Duration
    ) -> TopicChange? {
        guard var absence = absences[number] else {
            absences[number] = Absence(first: now, last: now)
            return .missing(topic: names[number], topicPartitions: count)
        }
        absence.last = now
        let wasLong = absence.isLong
        if absence.last - absence.first >= goneAfter {
            absence.isLong = true
            isCaughtUp = false
            error = "topic '\(names[number])' is gone: 'foreshadow topics apply' makes it"
        }
        absences[number] = absence
        if absence.isLong, count > 0 {
            // It was created again with fewer.
            absences[number] = nil
            returned.insert(number)
            doubt()
        }
        return absence.isLong && !wasLong ? .gone(topic: names[number]) : nil
    }

    /// The names of topics that were gone and are there again: their logs are others.
    var returnedTopics: Set<String> { Set(returned.map { names[$0] }) }

    /// Whether a topic has been gone for long, and is there again with fewer topic partitions than are followed.
    func isReturned(_ number: Int) -> Bool { returned.contains(number) }

    /// Takes over what a look at the logs told. If one was replaced, all that is known is forgotten.
    mutating func take(_ inspection: LogInspection) {
        isInDoubt = false
        for (place, offsets) in inspection.lost {
            progress.skip(place, to: offsets.upperBound)
            if let number = names.firstIndex(of: place.topic) { lost[number] += Int64(offsets.count) }
        }
        if inspection.replaced.isEmpty, returned.isEmpty { return progress.trust() }
        let replaced = Set(inspection.replaced.keys.map(\.topic)).union(returnedTopics)
        for (number, name) in names.enumerated() where replaced.contains(name) { replacements[number] += 1 }
        returned = []
        progress.startOver()
        current = nil
        isCaughtUp = false
    }
}
