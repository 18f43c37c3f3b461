import Affinity
import Contracts
import Testing

@testable import Training

@Suite struct TrainingPartsTests {
    @Test func `codes are the nearest multiples and end at sixteen`() {
        let logs: [Float] = [
            0, -0.000_1, -0.000_2, -1, -2.718_28, -15.9, -16.5, -1e30, 0.5, .nan, -.infinity,
        ]
        for log in logs {
            let codes = LogCodes.encode(SIMD8(repeating: log))
            var decoded = [Float](repeating: 1, count: 8)
            decoded.withUnsafeMutableBufferPointer { to in
                withUnsafeBytes(of: codes) { from in
                    guard let to = to.baseAddress,
                        let from = from.bindMemory(to: UInt16.self).baseAddress
                    else { return }
                    LogCodes.decode(from, count: 8, to: to)
                }
            }
            let expected = log > 0 || log.isNaN ? 0 : max(log, -65_535 / 4_096)
            for value in decoded { #expect(abs(value - expected) <= 0.5 / 4_096 + 1e-6, "\(log)") }
        }
    }

    @Test func `what lies behind the last partition is not stored`() {
        let shape = tinyShape()
        var set = TrainingSet(shape)
        let record = TrainingSet.Record(customer: 0, time: 0, target: 2, symbols: SIMD4(9, -1, 1, 1))
        let experts = [Float](repeating: -2, count: shape.expertRows * shape.partitionStride)
        set.append(record, dense: [0, 0].span, features: [0, 0, 0].span, experts: experts.span)
        for row in 0..<shape.expertRows {
            let codes = set.codes[row * shape.partitionStride..<(row + 1) * shape.partitionStride]
            #expect(Array(codes) == [8_192, 8_192, 8_192, 0, 0, 0, 0, 0])
        }
        #expect(set.records[0].symbols == SIMD4(0, 0, 1, 1))
    }

    @Test func `other tools get what the trainer reads`() throws {
        let shape = tinyShape()
        let set = randomSet(shape, accesses: 20, customers: 3, seed: 8)
        let bytes = set.arrays.encoded()
        let file = try SafeTensors(decoding: bytes.span.bytes, limit: 1 << 20)
        let arrays = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
        #expect(arrays["customer"]?.values == set.records.map { Float($0.customer) })
        #expect(arrays["target"]?.values == set.records.map { Float($0.target) })
        #expect(arrays["symbols"]?.shape == [20, 4])
        #expect(arrays["dense"]?.shape == [20, 2] && arrays["dense"]?.values == set.dense)
        #expect(arrays["features"]?.shape == [20, 3] && arrays["features"]?.values == set.features)
        let experts = try #require(arrays["experts"])
        #expect(experts.shape == [20, 3, 3] && experts.values.count == 180)
        for i in 0..<180 {
            let code = set.codes[i / 3 * shape.partitionStride + i % 3]
            #expect(abs(experts.values[i] + Float(code) / 4_096) < 1e-6)
        }
        let hours = try #require(arrays["hours"]?.values)
        #expect(hours[0] == 0 && hours == hours.sorted() && hours[19] > 18.0 / 3_600)
    }

    @Test func `shares are the discounted sums of what comes`() {
        let shape = tinyShape()
        let set = randomSet(shape, accesses: 60, customers: 4, seed: 12)
        let shares = ShareTargets(set, Sequences(set, before: .max), discount: 0.7)
        for i in 0..<set.count {
            var expected = [Double](repeating: 0, count: shape.partitions)
            var weight = 0.3
            for j in i..<set.count where set.records[j].customer == set.records[i].customer {
                expected[Int(set.records[j].target)] += weight
                weight *= 0.7
            }
            var values = [Float](repeating: 0, count: shape.partitions)
            values.withUnsafeMutableBufferPointer { values in
                if let values = values.baseAddress { shares.subtract(i, from: values) }
            }
            for k in expected.indices { #expect(abs(Double(-values[k]) - expected[k]) < 1e-6) }
        }
    }

    @Test func `sequences end at the first access that is not before the end`() {
        var set = TrainingSet(tinyShape())
        let experts = [Float](repeating: -1, count: 24)
        for (customer, time) in [(0, 1), (1, 2), (0, 3), (0, 7), (1, 4), (0, 5), (2, 1), (1, 6)] {
            let record = TrainingSet.Record(
                customer: UInt32(customer), time: EventTime(time), target: 0, symbols: SIMD4())
            set.append(record, dense: [0, 0].span, features: [0, 0, 0].span, experts: experts.span)
        }
        let all = Sequences(set, before: .max)
        #expect(all.exampleCount == 5)
        #expect(
            all.customers.map { all.accesses[Int($0.lowerBound)..<Int($0.upperBound)].map(Int.init) } == [
                [0, 2, 3, 5], [1, 4, 7],
            ])
        let early = Sequences(set, before: 6)
        #expect(
            early.customers.map { early.accesses[Int($0.lowerBound)..<Int($0.upperBound)].map(Int.init) } == [
                [0, 2], [1, 4],
            ])
    }

    @Test func `an epoch sees every example once, a customer's in one lane and in order`() {
        let set = randomSet(tinyShape(), accesses: 500, customers: 23, seed: 3)
        let sequences = Sequences(set, before: .max)
        let plan = EpochPlan(sequences, lanes: 5, chance: SplitMix64(seed: 1))
        var seen: [Int32: Int] = [:]
        for (lane, examples) in plan.lanes.enumerated() {
            for (i, example) in examples.enumerated() {
                seen[example.target, default: 0] += 1
                #expect(set.records[Int(example.input)].customer == set.records[Int(example.target)].customer)
                if !example.isFirst { #expect(examples[i - 1].target == example.input, "lane \(lane)") }
            }
        }
        #expect(seen.count == sequences.exampleCount && seen.values.allSatisfy { $0 == 1 })
        let lengths = plan.lanes.map(\.count)
        #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) < 40)
        #expect(
            (0..<plan.windows(of: 16)).map { plan.part(of: 2, window: $0, length: 16).count }.reduce(0, +)
                == lengths[2])
    }
}
