internal import Contracts

/// Which topics a pipeline reads and writes: the live ones, or a set of its own beside them.
///
/// What others write (`interactions`, `customers`, `partition-telemetry`, `shadow-orders`,
/// `affinity-models`) is an input; all else is made here,
/// and read here by later stages.
public struct PipelineTopics: Sendable, Equatable {
    /// Precedes the names of the inputs.
    public var inputPrefix = ""
    /// Precedes the names of what is made here.
    public var outputPrefix = ""
    /// Whether this pipeline writes to its inputs' logs what has to be there before anybody acts on it: copies
    /// of profiles, and that an input is idle. Of several pipelines on the same inputs one leads.
    public var leads = true
    /// Whether the planner runs dry: with a group and snapshots of its own it publishes its commands where nobody
    /// follows them.
    public var isDryRun = false

    /// The live topics.
    public init() {}

    /// The live inputs, followed without a trace in them, and outputs of its own.
    public init(rebuilding name: String) {
        outputPrefix = name + "."
        leads = false
    }

    /// A set of its own, inputs too.
    public init(separate name: String) {
        inputPrefix = name + "."
        outputPrefix = name + "."
        leads = false
    }

    /// The name under which this pipeline knows a topic.
    public func name(_ topic: String) -> String {
        let inputs = [
            TopicName.interactions, TopicName.customers, TopicName.partitionTelemetry,
            TopicName.shadowOrders, TopicName.affinityModels,
        ]
        let topic = isDryRun ? Self.dryRun[topic] ?? topic : topic
        let isInput = inputs.contains(topic)
        return (isInput ? inputPrefix : outputPrefix) + topic
    }

    /// The planner's name, which is its group's.
    public var plannerStage: String { isDryRun ? "planner-dry-run" : "planner" }

    private static let dryRun = [
        TopicName.partitionCommands: TopicName.dryRunCommands,
        TopicName.plannerSnapshots: TopicName.dryRunSnapshots,
    ]
}
