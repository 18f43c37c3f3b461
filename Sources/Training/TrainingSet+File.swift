public import Affinity

extension TrainingSet {
    /// All of it as named arrays, for those who train with other tools. With N accesses in the order in which they
    /// were appended, E rows of experts and K partitions:
    ///
    /// | array | shape | |
    /// |---|---|---|
    /// | `customer` | N | the customer's number, from 0 |
    /// | `hours` | N | hours since the earliest access |
    /// | `target` | N | the access's partition, from 0 |
    /// | `symbols` | N x 4 | of partition, region, domain and kind; 0 is unknown |
    /// | `dense` | N x dense inputs | what goes into the state with the access |
    /// | `features` | N x features | what heads are given before it; those of its time last |
    /// | `experts` | N x E x K | the experts' log probabilities before it; those of its time last |
    ///
    /// Of a customer's first access, `features` and `experts` mean nothing: there was nothing to foresee it from.
    public var arrays: SafeTensors {
        let first = records.map(\.time).min() ?? 0
        let (stride, partitions) = (shape.partitionStride, shape.partitions)
        var experts: [Float] = []
        experts.reserveCapacity(count * shape.expertRows * partitions)
        for row in 0..<count * shape.expertRows {
            for k in 0..<partitions { experts.append(Float(codes[row * stride + k]) / -LogCodes.scale) }
        }
        func tensor(_ name: String, _ rest: [Int], _ values: [Float]) -> SafeTensors.Tensor {
            .init(name: name, shape: [count] + rest, values: values)
        }
        return SafeTensors(
            metadata: [:],
            tensors: [
                tensor("customer", [], records.map { Float($0.customer) }),
                tensor("hours", [], records.map { Float(Double($0.time - first) / 3_600_000) }),
                tensor("target", [], records.map { Float($0.target) }),
                tensor("symbols", [4], records.flatMap { r in (0..<4).map { Float(r.symbols[$0]) } }),
                tensor("dense", [shape.denseInputs], dense),
                tensor("features", [featureWidth], features),
                tensor("experts", [shape.expertRows, partitions], experts),
            ])
    }
}
