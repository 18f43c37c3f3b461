import Affinity
import Contracts
import Evaluation

/// `explain --input`: a customer after a trace, or a part of it.
struct ExplainTrace {
    let path: String
    let target: EvaluationTarget
    let until: ReplayMoment?
    let model: String?

    /// Lets an engine go through the trace and asks it about the customer.
    func explain(_ customer: String) throws -> ExplanationReport {
        let trace = try EvaluationTrace(
            path: path, target: target, progress: { Output.progress("\(Output.bar($0)) reading") })
        return try explain(customer, trace)
    }

    /// The same of a trace that was read.
    func explain(_ customer: String, _ trace: EvaluationTrace) throws -> ExplanationReport {
        var engine = AffinityEngine(
            configuration: AffinityConfiguration(), partitions: trace.classes.count)
        if let model {
            let model = try ModelFile.read(model)
            try AffinityEngine.check(model, partitions: trace.classes)
            engine.use(model)
        }
        var change = VectorChange(partitions: trace.classes.count)
        let accesses = TraceAccesses(trace)
        let progress = ReplayProgress("events", total: Int64(trace.events.count))
        var asOf = until?.milliseconds ?? 0
        for (number, event) in trace.events.enumerated() {
            if let until, event.time >= until.milliseconds { break }
            while engine.nextDue(at: event.time, into: &change) {}
            let key = trace.customers[Int(event.customer)]
            _ = engine.observe(
                customer: key.span.bytes, access: accesses.access(event, number), into: &change)
            if until == nil { asOf = event.time }
            if number % 1_000 == 999 { progress.add(1_000) }
        }
        while engine.nextDue(at: asOf, into: &change) {}
        guard let explanation = engine.explain(customer: customer.utf8Span.span.bytes) else {
            throw ExplanationReport.unknown(customer, among: Int64(engine.counters.customers))
        }
        return ExplanationReport(customer, explanation, partitions: trace.classes, asOf: asOf)
    }
}
