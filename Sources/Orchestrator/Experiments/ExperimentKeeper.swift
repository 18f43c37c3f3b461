internal import Contracts
internal import Experiments
internal import ForeshadowRouting
internal import Logging
internal import Synchronization

/// Changes experiments: what people ask for, and what an experiment may do by itself. Every change is a record in
/// `routing-experiments`; of two instances that want the next one, the first in the log wins.
final class ExperimentKeeper: Sendable {
    let book: ExperimentBook
    let publisher: RecordPublisher
    let topic: String
    let logger: Logger

    /// The experiment that this instance started last, and when: it is not known until its record has come back.
    private let begun = Mutex<(name: String, at: ContinuousClock.Instant)?>(nil)

    /// How long a record may take to come back.
    private static let roundTrip = Duration.seconds(5)

    /// Decisions about shares that a record keeps.
    private static let decisionsMax = 500
    /// Who decides when nobody does.
    private static let itself = "foreshadow"

    init(book: ExperimentBook, publisher: RecordPublisher, topic: String, logger: Logger) {
        self.book = book
        self.publisher = publisher
        self.topic = topic
        self.logger = logger
    }

    /// Notes that an experiment is about to be started; false if another was, and is not known yet.
    func begin(_ name: String) -> Bool {
        let now = ContinuousClock.now
        return begun.withLock { begun in
            if let last = begun, book.record(last.name) == nil, now - last.at < Self.roundTrip {
                return false
            }
            begun = (name, now)
            return true
        }
    }

    /// Publishes a record; false if there is no room.
    func publish(_ record: ExperimentRecord) throws -> Bool {
        publisher.offer([.init(topic: topic, key: Array(record.name.utf8), value: try record.encoded())])
    }

    /// What a record becomes when it is ended, or its variant adopted.
    func ended(
        _ record: ExperimentRecord, adopting variant: String?, by: String, reason: String, now: EventTime
    )
        -> ExperimentRecord
    {
        var next = record
        next.state = variant == nil ? .stopped : .adopted
        next.adopted = variant
        next.epoch += 1
        next.decidedAt = now
        next.by = by
        next.reason = reason
        return next
    }

    /// Starts the experiment of the configuration, if nothing runs and there was none of its name. Of several instances
    /// that do so at once, the first in the log wins.
    func start(_ configured: ConfiguredExperiment, now: EventTime) {
        let name = configured.name
        guard book.record(name) == nil, book.runningRecord == nil, begin(name) else { return }
        do {
            if try publish(configured.record(now: now)) {
                logger.notice("experiment '\(name)' of the configuration starts")
            }
        } catch {
            logger.error("experiment '\(name)' of the configuration cannot start: \(error)")
        }
    }

    /// Lets the experiment that runs shift its shares and adopt its winner, if it may.
    func tick(now: EventTime) {
        do {
            if let (record, decision) = book.shares(now: now) {
                var next = record
                next.epoch += 1
                let shares = decision.sharesMilli.map { Double($0) / 1_000 }
                next.decisions = Array(
                    ((record.decisions ?? []) + [.init(window: decision.window, shares: shares)])
                        .suffix(Self.decisionsMax))
                _ = try publish(next)
                return
            }
            guard let record = book.runningRecord, record.adoptsAutomatically == true,
                let proposal = book.report(record.name)?.report.proposal
            else { return }
            logger.notice("experiment '\(record.name)' adopts '\(proposal.name)': \(proposal.reason)")
            _ = try publish(
                ended(record, adopting: proposal.name, by: Self.itself, reason: proposal.reason, now: now))
        } catch {
            logger.error("the experiment that runs cannot go on by itself: \(error)")
        }
    }
}
