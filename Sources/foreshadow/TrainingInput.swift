import Contracts
import Evaluation
import Kafka
import Pipeline

/// Where `train` takes accesses from.
enum TrainingInput: Sendable {
    /// A trace whose target's classes are the partitions, read as `evaluate` does.
    case classes(path: String, EvaluationTarget, ClassLimits)
    /// A trace for the partitions of a configuration, read as the pipeline would.
    case trace(path: String, PipelineConfiguration, PartitionMap)
    /// A cluster's `interactions`.
    case topic(TrainingTopic)

    /// How much of it is taken.
    struct Extent: Sendable {
        /// The first part of all events, 0 to 1.
        var part = 1.0
        /// The most accesses that are trained on.
        var accessesMax = 2_000_000
        /// The most names of regions, of domains and of kinds, where they are not a trace's classes.
        var namesMax = 256

        /// The most accesses that are read.
        var readMax: Int { Int((Double(accessesMax) / part).rounded(.up)) }
    }

    /// Reads it; draws how far it is. `source` is what a checkpoint says of where its accesses came from.
    func read(_ extent: Extent, resuming source: String?) throws -> TrainingAccesses {
        defer { Output.endProgress() }
        switch self {
        case .classes(let path, let target, let limits):
            let trace = try EvaluationTrace(
                path: path, target: target, limits: limits,
                progress: { Output.progress("\(Output.bar($0)) reading") })
            let end = TrainingAccesses.end(of: trace.events.count, part: extent.part)
            if end > extent.accessesMax { throw AccessCollector.tooMany(extent.accessesMax) }
            return TrainingAccesses(trace, before: end)
        case .trace(let path, let configuration, let partitions):
            var collector = AccessCollector(configuration, partitions, limit: extent.readMax)
            var failure: CommandFailure?
            let file = ReplayFile(path, taskCount: 1)
            try file.forEach(progress: { _, part in
                if let part { Output.progress("\(Output.bar(part)) reading") }
            }) { input, record in
                guard input == .interactions, failure == nil else { return }
                do throws(CommandFailure) { try collector.add(record) } catch { failure = error }
            }
            if let failure { throw failure }
            return collect(collector, extent, source: EvaluationTrace.name(ofFile: path))
        case .topic(let topic):
            let (collector, source) = try topic.collect(resuming: source, limit: extent.readMax)
            return collect(collector, extent, source: source)
        }
    }

    private func collect(_ collector: AccessCollector, _ extent: Extent, source: String) -> TrainingAccesses {
        if collector.rejected > 0 {
            Output.note("\(collector.rejected) records are no interactions for these partitions: left out")
        }
        return collector.collected(part: extent.part, namesMax: extent.namesMax, source: source)
    }
}
