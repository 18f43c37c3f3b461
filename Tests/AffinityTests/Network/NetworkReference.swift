import Affinity
import Foundation

/// The formulas of the network in double precision and without any cleverness.
struct NetworkReference {
    let shape: NetworkShape
    private var tensors: [String: (NetworkTensor, [Float])] = [:]

    init(_ weights: NetworkWeights) {
        shape = weights.layout.shape
        for tensor in weights.layout.tensors {
            tensors[tensor.name] = (
                tensor, Array(weights.values[tensor.offset..<tensor.offset + tensor.extent])
            )
        }
    }

    func weight(_ name: String, _ row: Int, _ column: Int) -> Double {
        guard let (tensor, values) = tensors[name] else { return .nan }
        return Double(values[row * tensor.stride + column])
    }

    func step(symbols: SIMD4<Int32>, dense: [Float], hidden h: [Double]) -> [Double] {
        let units = shape.hidden
        func input(_ c: Int) -> Double {
            var sum = weight("cell.bias", 0, c)
            for (i, name) in ["partition", "region", "domain", "kind"].enumerated() {
                let symbol = symbols[i] >= 0 && symbols[i] < shape.symbols[i] ? symbols[i] : 0
                sum += weight("cell.\(name)", Int(symbol), c)
            }
            for d in dense.indices { sum += Double(dense[d]) * weight("cell.dense", d, c) }
            return sum
        }
        func recurrent(_ c: Int) -> Double {
            (0..<units).reduce(0) { $0 + h[$1] * weight("cell.hidden", $1, c) }
        }
        return (0..<units).map { j in
            let r = 1 / (1 + exp(-(input(j) + recurrent(j))))
            let z = 1 / (1 + exp(-(input(units + j) + recurrent(units + j))))
            let own = recurrent(2 * units + j) + weight("cell.candidate_bias", 0, j)
            let n = tanh(input(2 * units + j) + r * own)
            return z * h[j] + (1 - z) * n
        }
    }

    /// `experts` has rows of the stride.
    func forecast(_ head: NetworkHead, hidden: [Double], features: [Float], experts: [Float]) -> [Double] {
        let name = head == .next ? "next" : head == .share ? "share" : "next_at_time"
        let q = (0..<shape.headUnits).map { j in
            var sum = weight("\(name).bias", 0, j)
            for i in hidden.indices { sum += hidden[i] * weight("\(name).hidden", i, j) }
            for i in 0..<shape.features(of: head) {
                sum += Double(features[i]) * weight("\(name).features", i, j)
            }
            return max(0, sum)
        }
        let gates = (0..<shape.experts(of: head)).map { e in
            q.indices.reduce(weight("\(name).gate_bias", 0, e)) { $0 + q[$1] * weight("\(name).gate", $1, e) }
        }
        let logits = (0..<shape.partitions).map { k in
            var sum = weight("\(name).output_bias", 0, k)
            for j in q.indices { sum += q[j] * weight("\(name).output", j, k) }
            for e in gates.indices { sum += gates[e] * Double(experts[e * shape.partitionStride + k]) }
            return sum
        }
        let top = logits.max() ?? 0
        let whole = top + log(logits.reduce(0) { $0 + exp($1 - top) })
        return logits.map { $0 - whole }
    }
}
