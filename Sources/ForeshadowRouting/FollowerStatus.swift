/// How far a follower is.
public struct FollowerStatus: Sendable, Equatable {
    /// One of the topics followed.
    public struct Topic: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Records applied since the start.
        public var records: Int64 = 0
        /// Records that are there and not applied; nil while nobody knows.
        public var lagRecords: Int64?
        /// How long the newest applied record has been published, in milliseconds, while others wait; 0 if none does.
        public var lagMilliseconds: Int64?
        /// How often it was found to have been deleted and created again. Each time everything is read from the beginning.
        public var replacements: Int64 = 0
        /// Offsets that were deleted before they were applied, by retention or by request. Not each of them was a record.
        public var lostRecords: Int64 = 0
    }

    /// The topics, in the order they were named.
    public var topics: [Topic]
    /// Whether everything that was there at the start has been applied. False again while a topic is gone, while topic
    /// partitions that were added are read, and while everything is read again because a topic was replaced.
    public var isCaughtUp = false
    /// The part of what was there at the start that has been applied, 0 to 1.
    public var restoreProgress = 0.0
    /// How often following started anew after an error.
    public var restarts = 0
    /// The newest error, while it lasts.
    public var error: String?

    /// How often a topic was found to have been deleted and created again.
    public var logReplacements: Int64 { topics.reduce(0) { $0 + $1.replacements } }
}
