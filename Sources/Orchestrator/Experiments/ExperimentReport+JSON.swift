internal import Contracts
internal import Experiments
internal import ForeshadowRouting
internal import Foundation

extension JSONWriter {
    /// Appends an experiment and what is known of it. Differences are in parts of the control's mean.
    mutating func experiment(_ record: ExperimentRecord, _ report: ExperimentReport) {
        literal("{\"name\":")
        string(record.name)
        literal(",\"state\":")
        string(record.state.rawValue)
        literal(",\"epoch\":")
        integer(record.epoch)
        literal(",\"goal\":")
        string(record.goal)
        literal(",\"alpha\":")
        decimal(record.alpha ?? 0.05)
        literal(",\"plannedEffect\":")
        decimal(record.plannedEffect ?? 0.05)
        literal(",\"startedAt\":")
        integer(record.startedAt)
        literal(",\"adopted\":")
        if let adopted = record.adopted { string(adopted) } else { literal("null") }
        literal(",\"by\":")
        string(record.by)
        literal(",\"reason\":")
        string(record.reason)
        literal(",\"variants\":")
        list(zip(record.variants, report.variants)) { writer, pair in
            writer.variant(pair.0, pair.1, goal: report.goal)
        }
        sampleRatio(report.sampleRatio)
        guards(report.guards)
        apart(report.apart)
        literal(",\"proposal\":")
        if let proposal = report.proposal {
            literal("{\"name\":")
            string(proposal.name)
            literal(",\"reason\":")
            string(proposal.reason)
            literal("}")
        } else {
            literal("null")
        }
        literal("}")
    }

    private mutating func variant(
        _ record: ExperimentRecord.VariantRecord, _ report: VariantReport, goal: Metric
    ) {
        literal("{\"name\":")
        string(record.name)
        literal(",\"share\":")
        milli(report.shareMilli)
        literal(",\"weights\":")
        weights(record.weights)
        literal(",\"exposed\":")
        integer(report.exposed)
        literal(",\"units\":")
        integer(report.units)
        literal(",\"outcomes\":")
        integer(report.outcomes)
        literal(",\"means\":{")
        for (place, metric) in report.metrics.enumerated() {
            if place > 0 { literal(",") }
            string(metric.metric.rawValue)
            literal(":")
            decimal(metric.mean)
        }
        literal("},\"difference\":")
        difference(report.metrics.first { $0.metric == goal }?.comparison)
        literal("}")
    }

    private mutating func difference(_ comparison: Comparison?) {
        guard let comparison else { return literal("null") }
        literal("{\"estimate\":")
        decimal(comparison.relative(comparison.difference))
        literal(",\"low\":")
        decimal(comparison.relative(comparison.lower))
        literal(",\"high\":")
        decimal(comparison.relative(comparison.upper))
        literal(",\"p\":")
        decimal(comparison.p)
        literal("}")
    }

    private mutating func weights(_ record: WeightsRecord?) {
        guard let record else { return literal("null") }
        let terms: [(String, Double?)] = [
            ("home", record.home), ("affinity", record.affinity), ("proximity", record.proximity),
            ("load", record.load), ("shadow", record.shadow), ("tieMargin", record.tieMargin),
            ("loadSlack", record.loadSlack),
        ]
        literal("{")
        for (place, term) in terms.filter({ $0.1 != nil }).enumerated() {
            if place > 0 { literal(",") }
            string(term.0)
            literal(":")
            decimal(term.1)
        }
        literal("}")
    }

    private mutating func sampleRatio(_ report: SampleRatioReport) {
        literal(",\"sampleRatio\":{\"p\":")
        decimal(report.p)
        literal(",\"mismatch\":")
        boolean(report.isMismatch)
        literal(",\"observed\":")
        list(report.observed) { $0.integer($1) }
        literal(",\"expected\":")
        list(report.expected) { $0.decimal($1) }
        literal("}")
    }

    private mutating func guards(_ guards: [GuardResult]) {
        literal(",\"guards\":")
        list(guards) { writer, result in
            writer.literal("{\"metric\":")
            writer.string(result.guardMetric.metric.rawValue)
            writer.literal(",\"variant\":")
            writer.string(result.variant)
            writer.literal(",\"breached\":")
            writer.boolean(result.isBreached)
            writer.literal(",\"excess\":")
            writer.decimal(result.excess)
            writer.literal("}")
        }
    }

    private mutating func apart(_ apart: OutcomesApart) {
        literal(",\"apart\":{\"unexposed\":")
        integer(apart.unexposed)
        literal(",\"disagreeing\":")
        integer(apart.disagreeing + apart.exposuresDisagreeing)
        literal(",\"late\":")
        integer(apart.late)
        literal(",\"overLimit\":")
        integer(apart.overLimit)
        literal("}")
    }
}
