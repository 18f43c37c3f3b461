import Contracts

/// The last step of a forecast: a log-linear pool of the experts and their mixture, learned online.
///
/// It gives partition k a probability in proportion to exp(b(k) + the sum over inputs i of w(i) ln p(i, k)).
/// One weight set is common to all customers; two more are added to it, for customers with such a run and so
/// many accesses, and for those whose forecasts were as wrong of late. So a customer that moves is noticed by
/// its log loss, and those experts get the word whose memory is short. The biases b and the sum of the weights,
/// an inverse temperature, calibrate the result.
///
/// The log loss of such a pool is convex in its weights and biases (Genest, Weerahandi and Zidek 1984,
/// "Aggregating opinions through logarithmic pooling"), so AdaGrad (Duchi, Hazan and Singer 2011) comes within
/// O(sqrt T) of the best fixed weights, over the T accesses of all customers together. One of those is weight 1
/// for the mixture and 0 for all else, where it starts: the pool inherits the mixture's bounds.
///
/// Gradients are added up in fixed point and applied at window boundaries.
struct Pool {
    /// Which weight sets are added up for a customer.
    struct Sets {
        var rhythm: Int
        var surprise: Int
    }

    static let rhythms = 80
    static let surprises = 12
    private static let sets = 1 + rhythms + surprises

    /// Weights of the inputs, set by set. As of the last boundary.
    private(set) var weights: [SIMD16<Float>]
    /// A bias per partition, padded with what leaves nothing to those that there are not.
    private(set) var biases: [Float]

    private let partitions: Int
    private let rate: Float
    private var squares: [SIMD16<Float>]
    private var biasSquares: [Float]
    private var gradients: [SIMD16<Int64>]
    private var gradientSquares: [SIMD16<Int64>]
    private var biasGradients: [Int64]
    private var biasGradientSquares: [Int64]
    private var isPending: [Bool]
    private var pending: [Int] = []
    private let firstSamples: Int64
    private let sampling: UInt64
    private var mask: UInt64 = 0
    /// How many accesses there were when a network came or went.
    private var switchedAt: Int64 = 0

    /// One in the sums of gradients, and of their squares.
    private static let one: Float = 4_096
    /// The same of biases.
    private static let biasOne: Float = 1_048_576
    /// A gradient of 1 per access for 0.01 accesses: what the squares start with.
    private static let firstSquare: Float = 0.01
    /// The furthest a weight goes at one boundary.
    private static let stepLimit: Float = 0.25
    /// The weight a new network starts with, and what the others have less.
    private static let firstSay: Float = 0.35
    /// No weight and no bias is further from 0.
    private static let limit: Float = 30

    init(partitions: Int, stride: Int, rate: Double, samples: Int, sampling: Int) {
        firstSamples = Int64(samples)
        self.sampling = UInt64(sampling)
        self.partitions = partitions
        self.rate = Float(rate)
        weights = Array(repeating: .zero, count: Self.sets)
        weights[0][Expert.mixture.rawValue] = 1
        squares = Array(repeating: SIMD16(repeating: Self.firstSquare), count: Self.sets)
        biases = Array(repeating: 0, count: partitions) + Array(repeating: -1e30, count: stride - partitions)
        biasSquares = Array(repeating: Self.firstSquare, count: partitions)
        gradients = Array(repeating: .zero, count: Self.sets)
        gradientSquares = gradients
        biasGradients = Array(repeating: 0, count: partitions)
        biasGradientSquares = biasGradients
        isPending = Array(repeating: false, count: Self.sets)
    }

    /// Bytes held.
    var bytes: Int { Self.sets * 385 + partitions * 24 }

    /// The sets of a customer.
    @inline(__always)
    func sets(_ customer: borrowing Customer) -> Sets {
        let run = Int(min(9, customer.run < 4 ? customer.run : 2 + Self.log2(customer.run)))
        let accesses = Int(min(7, Self.log2(min(customer.accesses, 1 << 30) + 1)))
        let surprise = min(Self.surprises - 1, Int(max(0, min(16, customer.surprise) * 4)))
        return Sets(rhythm: 1 + run * 8 + accesses, surprise: 1 + Self.rhythms + surprise)
    }

    /// The sum of the sets' weights.
    @inline(__always)
    func weights(_ sets: Sets) -> SIMD16<Float> { weights[0] + weights[sets.rhythm] + weights[sets.surprise] }

    /// Counts the gradient of an access's log loss: by the inputs, what was expected of them less what they gave.
    @inline(__always)
    mutating func count(_ gradient: SIMD16<Float>, _ sets: Sets) {
        let g = gradient.clamped(lowerBound: SIMD16(repeating: -15), upperBound: SIMD16(repeating: 15))
        let sum = Self.fixedPoint(g)
        let square = Self.fixedPoint(g * g)
        add(sum, square, 0)
        add(sum, square, sets.rhythm)
        add(sum, square, sets.surprise)
    }

    /// Counts the gradient of an access's log loss by the biases: each partition's probability, less 1 where the
    /// access was.
    mutating func count(biases gradient: UnsafePointer<Float>) {
        Self.count(gradient, &biasGradients, &biasGradientSquares)
    }

    private static func count(
        _ gradient: UnsafePointer<Float>, _ sums: inout [Int64], _ squares: inout [Int64]
    ) {
        var sums = sums.mutableSpan
        var squares = squares.mutableSpan
        for k in 0..<sums.count {
            let value = Int64(Int32(gradient[k] * biasOne))
            sums[k] &+= value
            squares[k] &+= value &* value &>> 20
        }
    }

    private mutating func add(_ sum: SIMD16<Int64>, _ square: SIMD16<Int64>, _ set: Int) {
        gradients[set] &+= sum
        gradientSquares[set] &+= square
        if isPending[set] { return }
        isPending[set] = true
        pending.append(set)
    }

    /// To the nearest multiple of 1 / `one`: a number about 1.5 * 2^23 has its unit in the significand's last bit.
    @inline(__always)
    private static func fixedPoint(_ value: SIMD16<Float>) -> SIMD16<Int64> {
        let shifted = value * one + 12_582_912
        let bits = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- 0x4B40_0000
        return SIMD16<Int64>(truncatingIfNeeded: bits)
    }

    private static func floats(_ sum: SIMD16<Int64>) -> SIMD16<Float> {
        var result = SIMD16<Float>()
        for i in 0..<16 { result[i] = Float(sum[i]) / one }
        return result
    }

    private static func log2(_ n: UInt32) -> UInt32 { UInt32(31 - max(1, n).leadingZeroBitCount) }

    /// Whether the pool learns from the access with that hash of its id.
    @inline(__always)
    func isSample(_ idHash: UInt64) -> Bool { idHash & mask == 0 && rate > 0 }

    /// There is a network from now on, or none. What was said of another one is no ground for this one.
    ///
    /// A network starts with a third of the say: its forecast is averaged, as logarithms, with that of the pool as it
    /// was. The pool then learns from as many accesses as a new one, so that the network's weight is soon what it
    /// should be.
    mutating func use(network isThere: Bool, accesses: Int64) {
        let network = Expert.network.rawValue
        for set in weights.indices {
            weights[set][network] = 0
            squares[set][network] = Self.firstSquare
            if isThere { weights[set] *= 1 - Self.firstSay }
        }
        for k in 0..<partitions {
            if isThere { biases[k] *= 1 - Self.firstSay }
        }
        if isThere { weights[0][network] = Self.firstSay }
        switchedAt = accesses
        mask = 0
    }

    /// Applies what was counted since the last boundary. `accesses` are all that ever were: the more there were since
    /// the last switch, the fewer of them count.
    mutating func freeze(accesses: Int64) {
        let accesses = accesses - switchedAt
        mask = 0
        while mask + 1 < sampling, accesses >= firstSamples * Int64(mask + 1) * 2 { mask = mask << 1 | 1 }
        if pending.isEmpty { return }
        for set in pending {
            isPending[set] = false
            squares[set] += Self.floats(gradientSquares[set])
            let step = Self.floats(gradients[set]) * rate / squares[set].squareRoot()
            let bound = SIMD16<Float>(repeating: Self.stepLimit)
            let moved = weights[set] - step.clamped(lowerBound: -bound, upperBound: bound)
            let limit = SIMD16<Float>(repeating: Self.limit)
            weights[set] = moved.clamped(lowerBound: -limit, upperBound: limit)
            gradients[set] = .zero
            gradientSquares[set] = .zero
        }
        pending.removeAll(keepingCapacity: true)
        for k in 0..<partitions {
            biasSquares[k] += Float(biasGradientSquares[k]) / Self.biasOne
            let step = Float(biasGradients[k]) / Self.biasOne * rate / biasSquares[k].squareRoot()
            let moved = biases[k] - min(Self.stepLimit, max(-Self.stepLimit, step))
            biases[k] = min(Self.limit, max(-Self.limit, moved))
            biasGradients[k] = 0
            biasGradientSquares[k] = 0
        }
    }
}

/// As bytes.
extension Pool {
    /// Writes what was learned, and what waits for the next boundary.
    func encode(into state: inout StateWriter) {
        state.write(mask)
        state.write(switchedAt)
        let first = SIMD16(repeating: Self.firstSquare)
        let changed = squares.indices.filter {
            $0 == 0 || weights[$0] != .zero || squares[$0] != first || isPending[$0]
        }
        state.write(UInt32(changed.count))
        for set in changed {
            state.write(UInt32(set))
            state.write(bits: weights[set])
            state.write(bits: squares[set])
            state.write(isPending[set])
            if !isPending[set] { continue }
            state.write(bits: gradients[set])
            state.write(bits: gradientSquares[set])
        }
        for k in 0..<partitions {
            state.write(biases[k])
            state.write(biasSquares[k])
            state.write(biasGradients[k])
            state.write(biasGradientSquares[k])
        }
    }

    /// Takes over what `encode` wrote.
    mutating func restore(_ reader: inout StateReader) throws(StateFailure) {
        mask = try reader.read()
        if mask & (mask &+ 1) != 0 { throw .outOfRange("a sample") }
        switchedAt = try reader.read(in: 0...1 << 60, "accesses")
        for set in pending {
            gradients[set] = .zero
            gradientSquares[set] = .zero
            isPending[set] = false
        }
        pending.removeAll()
        for _ in 0..<(try reader.count(limit: Self.sets, "weight sets")) {
            let set = try reader.count(limit: Self.sets - 1, "a weight set")
            weights[set] = try reader.read(bits: SIMD16<Float>.self)
            squares[set] = try reader.read(bits: SIMD16<Float>.self)
            let limit = SIMD16<Float>(repeating: Self.limit)
            guard all(weights[set] .<= limit), all(weights[set] .>= -limit), all(squares[set] .> 0),
                all(squares[set] .< 1e18)
            else { throw .outOfRange("a weight of the pool") }
            if try reader.read() as Bool {
                gradients[set] = try reader.read(bits: SIMD16<Int64>.self)
                gradientSquares[set] = try reader.read(bits: SIMD16<Int64>.self)
                if !isPending[set] { pending.append(set) }
                isPending[set] = true
            }
        }
        for k in 0..<partitions {
            biases[k] = try reader.read()
            biasSquares[k] = try reader.read()
            if !(biases[k].magnitude <= Self.limit && biasSquares[k] > 0 && biasSquares[k] < 1e18) {
                throw .outOfRange("a bias of the pool")
            }
            biasGradients[k] = try reader.read()
            biasGradientSquares[k] = try reader.read()
        }
    }
}
