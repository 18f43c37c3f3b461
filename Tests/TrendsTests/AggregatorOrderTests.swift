import Contracts
import Testing
import Trends

@Suite("The order of customers")
struct AggregatorOrderTests {
    private let windows: Int64 = 12

    /// Updates over 12 hours by hour, each customer's in order within its hour.
    private func steps(seed: UInt64) -> [[Step]] {
        var random = SeededGenerator(seed: seed)
        var sequences: [Int: UInt64] = [:]
        return (0..<windows).map { window in
            let busy = Int.random(in: 0...30, using: &random)
            let customers = (0..<40).shuffled(using: &random).prefix(busy)
            return customers.map { customer in
                sequences[customer, default: 0] += 1
                return Step(
                    customer: "customer-\(customer)", sequence: sequences[customer, default: 0],
                    time: window * hour + Int64.random(in: 0..<hour, using: &random),
                    home: PartitionIndex(customer % 3),
                    high: (0..<4).filter { _ in Bool.random(using: &random) },
                    shares: (0..<4).map { ($0, ProbabilityUnits.random(in: 0...10_000, using: &random)) },
                    volume: Int64.random(in: 0...1_000_000, using: &random))
            }
        }
    }

    /// What the sums must be, straight from the definition.
    private func expected(_ windows: [[Step]], through last: Int) -> [String] {
        var newest: [String: Step] = [:]
        for step in windows[...last].joined() { newest[step.customer] = step }
        var high: [UInt32: Int64] = [:]
        var volume: [UInt32: Int64] = [:]
        for step in newest.values {
            for p in step.high { high[UInt32(step.home) << 16 | UInt32(p), default: 0] += 1 }
            for (p, share) in step.shares {
                volume[UInt32(step.home) << 16 | UInt32(p), default: 0] += step.volume * Int64(share) / 10_000
            }
        }
        return Set(high.keys).union(volume.keys).sorted().compactMap { key in
            let (high, volume) = (high[key] ?? 0, volume[key] ?? 0)
            if high == 0, volume == 0 { return nil }
            return "\(key >> 16)->\(key & 0xFFFF): \(high) high, \(volume) B"
        }
    }

    @Test("within a window does not show in its sums", arguments: 0..<30 as Range<UInt64>)
    func orderWithinWindow(seed: UInt64) {
        let steps = steps(seed: seed)
        var random = SeededGenerator(seed: ~seed)
        var reference = AggregatorHarness()
        var shuffled = AggregatorHarness()
        for window in steps {
            reference.apply(window)
            shuffled.apply(window.shuffled(using: &random))
        }
        reference.mark(windows * hour)
        shuffled.mark(windows * hour)
        for last in 0..<Int(windows) {
            let end = Int64(last + 1) * hour
            #expect(shuffled.sums(asOf: end) == reference.sums(asOf: end), "seed \(seed), window \(last)")
            let flows = reference.sums(asOf: end).filter {
                $0.contains("->") && !$0.hasSuffix(": 0 high, 0 B")
            }
            #expect(flows == expected(steps, through: last), "seed \(seed), window \(last)")
        }
    }

    @Test("across windows does not show if nobody is later than allowed", arguments: 0..<30 as Range<UInt64>)
    func boundedDisorder(seed: UInt64) {
        let steps = steps(seed: seed)
        var random = SeededGenerator(seed: ~seed)
        let delayed = steps.joined().map { ($0, $0.time + Int64.random(in: 0...60_000, using: &random)) }
        var reference = AggregatorHarness()
        var disordered = AggregatorHarness()
        reference.apply(steps.joined().sorted { $0.time < $1.time })
        disordered.apply(delayed.sorted { $0.1 < $1.1 }.map(\.0))
        reference.mark(windows * hour)
        disordered.mark(windows * hour)
        for end in 1...windows {
            #expect(
                disordered.sums(asOf: end * hour) == reference.sums(asOf: end * hour), "seed \(seed), \(end)")
        }
    }
}
