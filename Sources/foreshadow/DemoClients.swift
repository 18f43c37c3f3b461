import Foundation
import Orchestrator
import Workload

/// Applications of the demo: they look customers up over HTTP, read where they are told to, and report how it went, so
/// that look-ups, an experiment and its analysis can be watched.
///
/// A read takes 2 ms and a bit, and 60 ms more from another partition than the one the request comes from.
struct DemoClients: Sendable {
    let port: Int
    let customers: Int
    let partitions: [String]

    static let experiment = "nearer-to-the-caller"
    private static let batch = 50
    private static let pauseMilliseconds = 200
    private static let localMicros = 2_000.0
    private static let remoteMicros = 60_000.0

    private struct Answer: Decodable {
        var decisions: [Decision]
    }

    private struct Decision: Decodable {
        var id: String?
        var customer: String
        var readFrom: String?
        var home: String?
        var shadow: Shadow?
        var experiment: String?
        var variant: String?
    }

    private struct Shadow: Decodable {
        var name: String
    }

    private struct Report: Encodable {
        var outcomes: [Outcome]
    }

    private struct Outcome: Encodable {
        var decision: String
        var customer: String
        var experiment: String?
        var variant: String?
        var partition: String
        var latencyMicros: Int64
        var error: Bool
        var remote: Bool
    }

    /// Of customers of a cohort, how many in a thousand call from where their shadow is.
    private static let awayMilli: Int64 = 700

    /// Asks until the task is cancelled. What fails is tried again with the next customers.
    func run() async {
        var random = SeededRandom(seed: 7, stream: 0)
        var isStarted = false
        var known: [String: Decision] = [:]
        while !Task.isCancelled {
            if !isStarted { isStarted = (try? await startExperiment()) ?? false }
            let asked = (0..<Self.batch).map { _ in Generator.name(UInt32(random.below(Int64(customers)))) }
            let places = asked.map { place(of: known[$0], &random) }
            for from in Set(places).sorted() {
                let mine = zip(asked, places).filter { $0.1 == from }.map(\.0)
                for decision in (try? await ask(mine, from: from, &random)) ?? [] {
                    known[decision.customer] = decision
                }
            }
            try? await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
        }
    }

    /// Where a customer calls from.
    private func place(of decision: Decision?, _ random: inout SeededRandom) -> String {
        guard let decision, let home = decision.home else { return partitions[0] }
        guard let target = decision.shadow?.name.split(separator: ">").last else { return home }
        return random.below(1_000) < Self.awayMilli ? String(target) : home
    }

    private func call(_ method: String, _ path: String, _ body: some Encodable) async throws -> (Int, Data) {
        let request = try OutgoingRequest("http://127.0.0.1:\(port)\(path)")
        let answer = try await request.send(method, json: Array(try JSONEncoder().encode(body)))
        return (answer.status, Data(answer.body))
    }

    private struct Definition: Encodable {
        struct Variant: Encodable {
            var name: String
            var share: Double
            var weights: [String: Double]?
        }

        var goal = "latency"
        var variants = [
            Variant(name: "control", share: 0.5),
            Variant(name: "near", share: 0.5, weights: ["proximity": 0.5, "shadow": 0.5]),
        ]
        var by = "demo"
        var reason = "should readers of a shadow be sent to the copy that is nearer to them?"
    }

    private func startExperiment() async throws -> Bool {
        try await call("PUT", "/v1/experiments/\(Self.experiment)", Definition()).0 == 202
    }

    private struct Question: Encodable {
        var customers: [String]
        var from: String
    }

    private func ask(
        _ customers: [String], from: String, _ random: inout SeededRandom
    ) async throws -> [Decision] {
        let question = Question(customers: customers, from: from)
        let (status, data) = try await call("POST", "/v1/decisions", question)
        guard status == 200 else { return [] }
        let decisions = try JSONDecoder().decode(Answer.self, from: data).decisions
        let outcomes = decisions.compactMap { outcome($0, from: from, &random) }
        if !outcomes.isEmpty { _ = try await call("POST", "/v1/outcomes", Report(outcomes: outcomes)) }
        return decisions
    }

    private func outcome(_ decision: Decision, from: String, _ random: inout SeededRandom) -> Outcome? {
        guard let id = decision.id, let read = decision.readFrom else { return nil }
        let isRemote = read != from
        // Half to one and a half times the mean.
        let noise = 0.5 + Double(random.below(1_000)) / 1_000
        let micros = (Self.localMicros + (isRemote ? Self.remoteMicros : 0)) * noise
        return Outcome(
            decision: id, customer: decision.customer, experiment: decision.experiment,
            variant: decision.variant,
            partition: read, latencyMicros: Int64(micros), error: random.below(1_000) == 0, remote: isRemote)
    }
}
