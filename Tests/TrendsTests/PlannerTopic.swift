import Contracts
import Trends

/// What a compacted topic holds of a planner: the newest state of each flow, and what flows share.
struct PlannerTopic {
    var flows: [[UInt8]: [UInt8]] = [:]
    var shared: [UInt8] = []

    /// Takes in what changed since the planner was last asked.
    mutating func save(_ planner: inout Planner) {
        planner.takeChanges { flow, state in
            flows[flow.withUnsafeBytes { Array($0) }] = state.withUnsafeBytes { Array($0) }
        }
        var writer = StateWriter()
        planner.encodeShared(into: &writer)
        shared = writer.bytes
    }

    /// Gives all of it to a planner, flows in an order of chance.
    func restore(_ planner: inout Planner, _ random: inout SeededGenerator) throws {
        for key in flows.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }).shuffled(using: &random) {
            guard let state = flows[key] else { continue }
            try planner.restore(flow: key.span.bytes, state: state.span.bytes)
        }
        try planner.restoreShared(shared.span.bytes)
    }
}
