internal import Contracts
internal import Hummingbird

/// Where demand is and where it is expected.
struct TrendRoutes: Sendable {
    let trends: TrendBook
    let live: LiveState
    let lookup: Lookup

    func add(to router: some RouterMethods<OrchestratorContext>) {
        router.endpoint("/v1/trends", [(.get, flows)])
        router.endpoint("/v1/forecasts", [(.get, forecasts)])
    }

    @Sendable private func flows(_ request: Request, _ context: OrchestratorContext) async throws -> Response
    {
        let names = lookup.names
        let (flows, window) = trends.sums(
            home: try lookup.partition(request.query("home")),
            partition: try lookup.partition(request.query("partition")))
        return .json { writer in
            writer.literal("{\"flows\":")
            writer.list(flows) { writer, flow in
                writer.literal("{\"home\":")
                writer.append(names.quoted(flow.home))
                writer.literal(",\"partition\":")
                writer.append(names.quoted(flow.partition))
                writer.literal(",\"customers\":")
                writer.integer(flow.customers)
                writer.literal(",\"highCustomers\":")
                writer.integer(flow.highCustomers)
                writer.literal(",\"anticipatedVolume\":")
                writer.integer(flow.anticipatedVolume)
                writer.literal(",\"anticipatedAccesses\":")
                writer.milli(flow.anticipatedAccesses)
                writer.literal(",\"accesses\":")
                writer.integer(flow.accesses)
                writer.literal("}")
            }
            writer.literal(",\"window\":")
            if let window {
                writer.literal("{\"start\":")
                writer.integer(window.0)
                writer.literal(",\"end\":")
                writer.integer(window.1)
                writer.literal("}")
            } else {
                writer.literal("null")
            }
            writer.literal("}")
        }
    }

    @Sendable private func forecasts(_ request: Request, _ context: OrchestratorContext) async throws
        -> Response
    {
        let names = lookup.names
        return .json { writer in
            writer.literal("{\"forecasts\":")
            writer.list(live.forecasts) { $1.encode(names: names, into: &$0) }
            writer.literal("}")
        }
    }
}
