internal import Kafka
internal import Logging
internal import Synchronization

/// The thread that watches the cluster while another one applies records.
extension TopicFollower {
    /// How long the cluster may take to tell an end.
    private static let endTimeoutMilliseconds: Int32 = 2_000
    private static let watchPauseMilliseconds = 250

    /// Asks again and again where the ends are, so that it is known since when the view may be out of date, and which
    /// topic partitions there are.
    func watch() {
        var admin: Admin?
        var topicsDue = ContinuousClock.now + timing.topicsAsked
        var answered = ContinuousClock.now
        var isAway = false
        while !isStopping {
            do throws(KafkaError) {
                let asking: Admin
                if let admin { asking = admin } else { asking = try newAdmin() }
                admin = asking
                if ContinuousClock.now >= topicsDue {
                    compare(try asking.topics())
                    note(&answered)
                    topicsDue = .now + timing.topicsAsked
                }
                // What is applied while the cluster is away, or after it, may be of other logs already.
                if !isAway { state.withLock { $0.trust() } }
                try askEnds(asking, &answered)
                isAway = false
            } catch {
                if error.isFatal { admin = nil }
                isAway = true
                // It may be the topic that is away.
                topicsDue = .now
                logger.debug("the ends are not known: \(error)")
            }
            wait(milliseconds: Self.watchPauseMilliseconds)
        }
    }

    /// The cluster has answered. If it had not for long, the logs may be others than before.
    private func note(_ answered: inout ContinuousClock.Instant) {
        let now = ContinuousClock.now
        if now - answered >= timing.awayAfter { state.withLock { $0.doubt() } }
        answered = now
    }

    private func newAdmin() throws(KafkaError) -> Admin {
        try Admin(client, logger: logger, timeoutMilliseconds: Self.endTimeoutMilliseconds)
    }

    private func askEnds(_ admin: Admin, _ answered: inout ContinuousClock.Instant) throws(KafkaError) {
        let (places, next) = state.withLock { ($0.progress.all, $0.progress.next) }
        if places.isEmpty { return }
        let asked = ContinuousClock.now
        let ranges = try admin.watermarks(of: places)
        note(&answered)
        state.withLock { state in
            for (place, range) in ranges { state.saw(range, of: place, next: next[place], asked: asked) }
        }
    }

    /// Compares the topics followed with those of the cluster.
    func compare(_ found: [TopicDescription]) {
        let counts = topics.map { name in found.first { $0.name == name }?.topicPartitions ?? 0 }
        let changes = state.withLock {
            $0.compare(counts, now: .now, goneAfter: timing.goneAfter)
        }
        for change in changes { log(change) }
    }

    private func log(_ change: FollowerState.TopicChange) {
        switch change {
        case .grown(let topic, let from, let to):
            logger.notice(
                "topic '\(topic)' has \(to) topic partitions, \(to - from) more than before: they are read from their beginning"
            )
        case .missing(let topic, 0):
            logger.warning("topic '\(topic)' is missing from the cluster: what was read of it stays for now")
        case .missing(let topic, let count):
            logger.warning("topic '\(topic)' has \(count) topic partitions, fewer than before")
        case .gone(let topic):
            logger.error(
                "topic '\(topic)' is gone: create it again with 'foreshadow topics apply'; then everything is read from the beginning"
            )
        case .back(let topic):
            logger.notice("topic '\(topic)' is there again")
        }
    }
}
