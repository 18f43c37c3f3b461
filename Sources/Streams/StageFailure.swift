/// Why a stage cannot run on a cluster as it is, or cannot go on.
public enum StageFailure: Error, Equatable, CustomStringConvertible {
    /// The topic does not exist. Create it: `foreshadow topics apply`.
    case missingTopic(String)
    /// Two topics that are read or written side by side have different numbers of topic partitions. Give them
    /// the same.
    case notCoPartitioned(String, Int32, String, Int32)
    /// A topic has another number of topic partitions than the state was made for, so its keys have moved between
    /// them. Rebuild the state.
    case topicPartitionsChanged(String, from: Int32, to: Int32)
    /// Input was lost, or is another log than the one read so far. Find out why; then go on by configuration, or
    /// rebuild.
    case inputChanged(String)
    /// The worker hangs or makes no progress although the cluster answers, and replacing it did not help. Start the
    /// process again.
    case stuck(String)
    /// Another process runs under the same name. Give each its own.
    case nameTaken(String)

    static func logChanged(_ change: LogChange) -> StageFailure { .inputChanged("\(change)") }

    /// The reason and the mend, for people.
    public var description: String {
        switch self {
        case .missingTopic(let name):
            "topic '\(name)' does not exist; create the project's topics with 'foreshadow topics apply'"
        case .notCoPartitioned(let name, let count, let other, let expected):
            "topic '\(name)' has \(count) topic partitions, but '\(other)' has \(expected): they must agree. If one "
                + "of them was enlarged, keys have moved: rebuild with 'foreshadow replay --into NAME'"
        case .topicPartitionsChanged(let name, let from, let to):
            "topic '\(name)' had \(from) topic partitions and has \(to) now. Keys have moved between them, so the "
                + "saved state is of no use: give all co-partitioned topics the same number, then rebuild with "
                + "'foreshadow replay --into NAME'"
        case .inputChanged(let what):
            "\(what). To go on with what is there, set streams.onLogChange to continue; to rebuild from what is kept "
                + "elsewhere, use 'foreshadow replay --into NAME'"
        case .stuck(let stage):
            "stage \(stage) makes no progress although the cluster answers, and new workers did not help; the "
                + "process ends so that its supervisor starts it again"
        case .nameTaken(let name):
            "another process runs under the name '\(name)': give each process its own streams.instance"
        }
    }
}
