public import Affinity
public import Alerting
public import Contracts
public import Trends

/// What the stages compute with: everything that changes results, and nothing that does not.
public struct PipelineConfiguration: Sendable, Equatable {
    /// What an interaction may look like.
    public var limits = InteractionLimits()
    /// The most bytes a model may have that is published, or comes in a mark. At most 16,000,000, which fits into
    /// the topics.
    public var maximumModelBytes = 4_194_304
    /// The affinity engine.
    public var affinity = AffinityConfiguration()
    /// Windows and lateness of the trend aggregator.
    public var trends = TrendsConfiguration()
    /// Thresholds and life cycle.
    public var planner = PlannerConfiguration()
    /// When alerts fire. Its windows are the planner's.
    public var alerts = AlertConfiguration()

    /// The defaults.
    public init() {}

    /// Windows of one length everywhere, in milliseconds.
    public var windowMillis: Int64 {
        get { trends.windowMillis }
        set {
            trends.windowMillis = newValue
            affinity.windowMillis = newValue
            planner.windowMillis = newValue
            alerts.windowMillis = newValue
        }
    }

    /// What the planner decides by: its own numbers, and the limit that is the same for every input.
    var planning: PlannerConfiguration {
        var planner = planner
        planner.unconfirmedStepMillis = limits.unconfirmedTelemetryStep
        return planner
    }

    /// Throws what is wrong with it.
    public func validate() throws {
        guard (1_024...16_000_000).contains(maximumModelBytes) else { throw Failure.maximumModelBytes }
        guard limits.futureTolerance >= 0 else { throw Failure.limit("futureToleranceMillis") }
        guard (0...1 << 40).contains(limits.unconfirmedStep) else {
            throw Failure.limit("unconfirmedStepMillis")
        }
        guard (0...1 << 40).contains(limits.unconfirmedTelemetryStep) else {
            throw Failure.limit("unconfirmedTelemetryStepMillis")
        }
        try affinity.validate()
        try trends.validate()
        try planner.validate()
        try alerts.validate()
        // What takes its time is not stuck.
        if alerts.rampWindows <= planner.dwellWindows { throw Failure.rampWindows }
        if alerts.provisioningWindows <= planner.populateWindows { throw Failure.provisioningWindows }
    }
}

extension PipelineConfiguration {
    /// What is wrong with it beside what its parts say of themselves.
    enum Failure: Error, CustomStringConvertible {
        /// The limit is out of range. Set it to one of the range.
        case maximumModelBytes
        /// The limit of event time is out of range. Set it to a number of milliseconds from 0 on.
        case limit(String)
        /// Every step of a ramp would be taken for stuck. Raise the first, or lower the second.
        case rampWindows
        /// Every copy would be taken for stuck. Raise the first, or lower the second.
        case provisioningWindows

        var description: String {
            switch self {
            case .maximumModelBytes: "limits: maximumModelBytes must be 1,024 to 16,000,000"
            case .limit(let name): "limits: \(name) must be from 0 on, and at most 2^40"
            case .rampWindows: "alerts: rampWindows must be above planner: dwellWindows"
            case .provisioningWindows: "alerts: provisioningWindows must be above planner: populateWindows"
            }
        }
    }

    /// Reads a model's file for an engine over `partitions`: what the updater does with a mark, and what is checked
    /// before one is written. Throws, with the reason, if it is too large, no model, or none for these partitions.
    public func model(_ file: RawSpan, for partitions: PartitionMap) throws(Rejection) -> Model {
        guard file.byteCount <= maximumModelBytes else {
            throw Rejection(
                .tooLarge, "the model has \(file.byteCount) bytes; at most \(maximumModelBytes) are accepted")
        }
        let model: Model
        do throws(ModelFailure) {
            model = try Model(decoding: file)
        } catch {
            throw Rejection(.badModel, "\(error)")
        }
        do throws(AffinityEngine.ModelMismatch) {
            try AffinityEngine.check(model, partitions: partitions.names)
        } catch {
            throw Rejection(.badModel, "\(error)")
        }
        return model
    }
}
