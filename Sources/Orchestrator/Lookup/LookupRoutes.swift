internal import Contracts
internal import ForeshadowRouting
internal import Hummingbird
internal import Routing

/// Look-ups by HTTP.
struct LookupRoutes: Sendable {
    let lookup: Lookup
    let configuration: OrchestratorConfiguration
    let sampler: DecisionSampler
    let measurements: Measurements

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/v1/customers/{customer}/partition", [(.get, one)])
        router.endpoint("/v1/customers/{customer}/affinity", [(.get, affinity)])
        router.endpoint("/v1/decisions", [(.post, batch)])
    }

    @Sendable private func one(_ request: Request, _ context: OrchestratorContext) async throws -> Response {
        let start = ContinuousClock.now
        let customer = try Request.part("customer", context)
        var question = Lookup.Question()
        if request.uri.query != nil {
            question.request.from = try lookup.partition(request.query("from"))
            question.request.home = try lookup.partition(request.query("home"))
            question.cell = request.query("cell")
            question.withScores = try request.flag("scores", default: true)
        }
        let answer = try lookup.answer(customer, question, lookup.freshness)
        sampler.offer(answer)
        let response = Response.json { answer.encode(lookup.table.partitions, lookup.names, into: &$0) }
        took(ContinuousClock.now - start)
        return response
    }

    private func took(_ time: Duration) {
        lookup.stats.took(time)
        measurements.took(time)
    }

    private struct Batch: Decodable {
        var customers: [String]
        var from: String?
        var home: String?
        var cell: String?
        var scores: Bool?
    }

    @Sendable private func batch(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let start = ContinuousClock.now
        let batch = try await request.decode(Batch.self, limit: configuration.bodyBytesMax)
        guard (1...configuration.batchMax).contains(batch.customers.count) else {
            throw Problem(
                .malformedRequest, "customers: 1 to \(configuration.batchMax) can be asked for at once")
        }
        let question = Lookup.Question(
            request: RoutingRequest(
                from: try lookup.partition(batch.from), home: try lookup.partition(batch.home)),
            cell: batch.cell, withScores: batch.scores ?? false)
        let freshness = lookup.freshness
        let response = Response.json { writer in
            writer.literal("{\"decisions\":")
            writer.list(batch.customers) { writer, customer in
                do {
                    let answer = try lookup.answer(customer, question, freshness)
                    answer.encode(lookup.table.partitions, lookup.names, into: &writer)
                } catch {
                    writer.literal("{\"customer\":")
                    writer.string(customer)
                    writer.literal(",\"known\":false,\"partition\":null}")
                }
            }
            writer.literal("}")
        }
        let each = (ContinuousClock.now - start) / batch.customers.count
        for _ in batch.customers { took(each) }
        return response
    }

    @Sendable private func affinity(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        let customer = try Request.part("customer", context)
        guard let state = lookup.table.state(of: customer.utf8Span.span.bytes), state.sequence > 0 else {
            throw Problem(.unknownCustomer, "there is no vector of this customer")
        }
        return .json { state.encode(customer, lookup.names, lookup.freshness, into: &$0) }
    }
}

extension CustomerState {
    /// The vector as it is told.
    func encode(
        _ customer: String, _ names: PartitionNames, _ freshness: Freshness, into writer: inout JSONWriter
    ) {
        writer.literal("{\"customer\":")
        writer.string(customer)
        writer.literal(",\"home\":")
        writer.append(names.quoted(home))
        writer.literal(",\"stage\":\"")
        writer.literal(stage.name)
        writer.literal("\",\"sequence\":")
        writer.integer(sequence)
        writer.literal(",\"time\":")
        writer.integer(time)
        for (name, horizon) in [("next", \Entry.next), ("share", \Entry.share)] {
            writer.literal(",")
            writer.string(name)
            writer.literal(":{")
            for (place, entry) in entries.filter({ $0[keyPath: horizon] > 0 }).enumerated() {
                if place > 0 { writer.literal(",") }
                writer.append(names.quoted(entry.partition))
                writer.literal(":")
                writer.probability(units: entry[keyPath: horizon])
            }
            writer.literal("}")
        }
        writer.literal(",\"high\":")
        writer.list(entries.filter(\.isHigh)) { $0.append(names.quoted($1.partition)) }
        writer.literal(",\"rate\":")
        writer.milli(rateMilli)
        writer.literal(",\"volume\":")
        writer.integer(volume)
        writer.literal(",\"ageMillis\":")
        writer.integer(freshness.ageMilliseconds)
        writer.literal(",\"stale\":")
        writer.boolean(freshness.isStale)
        writer.literal("}")
    }
}
