import Testing

@testable import Evaluation

/// Small cases, each computed by hand from the formulas.
@Suite struct BaselinesTests {
    /// What each rule gives the classes after the events, for the first customer.
    private func predictions(after events: [String]) throws -> [String: [Double]] {
        let trace = try trace(events)
        var baselines = Baselines(trace)
        for event in trace.events { baselines.learn(event) }
        let classes = trace.classes.count
        var rows = [Double](repeating: 0, count: baselines.names.count * classes)
        var span = rows.mutableSpan
        baselines.predict(PredictionQuery(customer: 0, index: trace.events.count), into: &span)
        return Dictionary(
            uniqueKeysWithValues: baselines.names.enumerated().map {
                ($1, Array(rows[$0 * classes..<($0 + 1) * classes]))
            })
    }

    private func expect(_ found: [Double]?, _ wanted: [Double], _ name: Comment) throws {
        let found = try #require(found)
        for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-7, name) }
    }

    @Test func `after one event only its class is known`() throws {
        // Classes r and s; another customer's event in s makes g = (2, 2) / 4.
        let found = try predictions(after: ["a r", "b s"])
        try expect(found["home"], [1.001 / 1.002, 0.001 / 1.002], "home")
        try expect(found["last"], [1.001 / 1.002, 0.001 / 1.002], "last")
        try expect(found["global"], [0.5, 0.5], "global")
        try expect(found["userfreq"], [2.0 / 3, 1.0 / 3], "(1 + 2 * 0.5, 2 * 0.5) / 3")
        try expect(found["decay5"], [2.0 / 3, 1.0 / 3], "decay5")
        try expect(found["markov"], [0.5, 0.5], "no transition yet: only g")
        let points = 2 * 1.001 / 1.002 + 4 * 2.0 / 3 + 2 * 0.5
        try expect(found["mix"], [points / 8, 1 - points / 8], "the plain mean of the eight")
    }

    @Test func `counts, decays and transitions follow the events`() throws {
        let found = try predictions(after: ["a r", "a s", "a s"])
        let global = [2.0 / 5, 3.0 / 5]
        try expect(found["home"], [1.001 / 1.002, 0.001 / 1.002], "home stays where it was first")
        try expect(found["last"], [0.001 / 1.002, 1.001 / 1.002], "last")
        try expect(found["global"], global, "Laplace")
        try expect(found["userfreq"], [(1 + 0.8) / 5, (2 + 1.2) / 5], "counts + 2 g")
        let half = 0.870550563296124  // 0.5 to the power of 1/5
        let mass = half * half + half + 1
        try expect(
            found["decay5"], [(half * half + 0.8) / (mass + 2), (half + 1 + 1.2) / (mass + 2)], "decay5")
        // From s there was one transition, to s, both the customer's own and everybody's.
        let common = [0.8 / 3, 2.2 / 3]
        try expect(found["markov"], [3 * common[0] / 4, (1 + 3 * common[1]) / 4], "markov")
    }

    @Test func `the mixture moves to the rules that were right, and keeps a share for each`() throws {
        let found = try predictions(after: ["a r", "a s"])
        // Before the second event g = (2, 1) / 3, and the rules gave s, in their order:
        let gave = [0.001 / 1.002, 1.0 / 3, 0.001 / 1.002, 2.0 / 9, 2.0 / 9, 2.0 / 9, 2.0 / 9, 1.0 / 3]
        let sum = gave.reduce(0, +)
        let weights = gave.map { 0.98 * $0 / sum + 0.02 / 8 }
        let names = ["home", "global", "last", "userfreq", "decay5", "decay20", "decay50", "markov"]
        var wanted = [0.0, 0.0]
        for (name, weight) in zip(names, weights) {
            let row = try #require(found[name])
            wanted[0] += weight * row[0]
            wanted[1] += weight * row[1]
        }
        try expect(found["mix"], wanted, "mix")
    }

    @Test func `every distribution sums to one`() throws {
        let found = try predictions(after: ["a r", "b s", "a t", "a r", "b r", "a t", "a s"])
        for (name, row) in found { #expect(abs(row.reduce(0, +) - 1) < 1e-9, "\(name)") }
    }
}
