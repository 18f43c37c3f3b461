import Contracts

/// Buffers for one customer's two distributions on their way to a published vector.
struct Blend {
    /// `next` per partition: a probability, after `condense` in `ProbabilityUnits` with fractions.
    var next: [Float]
    /// `share`, likewise.
    var share: [Float]
    private(set) var topNext = 0
    private(set) var topShare = 0
    private let floor: Float
    private var quantiser: Quantiser

    init(partitions: Int, floor: ProbabilityUnits) {
        next = Array(repeating: 0, count: partitions)
        share = next
        self.floor = min(Float(floor) / Float(probabilityOne), 0.5 / Float(partitions))
        quantiser = Quantiser(partitions: partitions)
    }

    /// Bytes held.
    var bytes: Int { next.count * 12 }

    /// Takes over two distributions of as many probabilities as there are partitions.
    mutating func take(next: UnsafeMutablePointer<Float>, share: UnsafeMutablePointer<Float>) {
        let count = self.next.count
        self.next.withUnsafeMutableBufferPointer {
            _ = $0.update(fromContentsOf: UnsafeBufferPointer(start: next, count: count))
        }
        self.share.withUnsafeMutableBufferPointer {
            _ = $0.update(fromContentsOf: UnsafeBufferPointer(start: share, count: count))
        }
    }

    /// Leaves out what is under the floor, scales the rest to `probabilityOne` and finds the top partitions.
    mutating func condense() {
        topNext = Self.condense(&next, floor)
        topShare = Self.condense(&share, floor)
    }

    /// The total variations, in `ProbabilityUnits`, to vectors published earlier.
    func distances(next olderNext: Span<ProbabilityUnits>, share olderShare: Span<ProbabilityUnits>) -> (
        next: Float, share: Float
    ) {
        (Self.distance(next.span, olderNext), Self.distance(share.span, olderShare))
    }

    /// Rounds both into a vector.
    mutating func round(into vector: inout AffinityVector) {
        quantiser.round(next, into: &vector.next)
        quantiser.round(share, into: &vector.share)
    }

    private static func condense(_ array: inout [Float], _ floor: Float) -> Int {
        var values = array.mutableSpan
        var kept: Float = 0
        var top = 0
        var highest: Float = 0
        for k in 0..<values.count {
            let value = values[k] < floor ? 0 : values[k]
            values[k] = value
            kept += value
            if value > highest {
                highest = value
                top = k
            }
        }
        let scale = Float(probabilityOne) / kept
        for k in 0..<values.count { values[k] *= scale }
        return top
    }

    private static func distance(_ values: Span<Float>, _ older: Span<ProbabilityUnits>) -> Float {
        var sum: Float = 0
        for k in 0..<values.count { sum += (values[k] - Float(older[k])).magnitude }
        return sum / 2
    }
}
