public import Affinity
public import Contracts

/// What happened, as a network is to learn it: the accesses of many customers, each with what was known just
/// before it.
///
/// One example is made of two accesses of a customer that follow each other: the network's state takes in the
/// first one's symbols and dense inputs and is then to forecast the second one, from what was known before it.
public struct TrainingSet: Sendable {
    /// What one access adds.
    public struct Record: Sendable, Equatable {
        /// Which customer's; customers are numbered from 0.
        public var customer: UInt32
        /// When it happened.
        public var time: EventTime
        /// Its partition, from 0: what is to be forecast.
        public var target: PartitionIndex
        /// Its symbols of partition, region, domain and kind. Those the network does not have are unknown.
        public var symbols: SIMD4<Int32>

        /// Makes a record.
        public init(customer: UInt32, time: EventTime, target: PartitionIndex, symbols: SIMD4<Int32>) {
            self.customer = customer
            self.time = time
            self.target = target
            self.symbols = symbols
        }
    }

    /// What networks are to be trained with it.
    public let shape: NetworkShape
    /// The accesses' records, in the order of appending.
    private(set) var records: [Record] = []
    /// `shape.denseInputs` for each access.
    private(set) var dense: [Float] = []
    /// `shape.features + shape.timeFeatures` for each access.
    private(set) var features: [Float] = []
    /// `shape.expertRows * shape.partitionStride` for each access.
    private(set) var codes: [UInt16] = []

    /// An empty set for networks of a valid shape.
    public init(_ shape: NetworkShape) { self.shape = shape }

    /// Accesses in it.
    public var count: Int { records.count }

    /// What tells this set from others: a hash of all it holds.
    var fingerprint: UInt64 {
        var hash = ByteHash.seed
        func add(_ value: Int64) {
            for i in 0..<8 { ByteHash.add(UInt8(truncatingIfNeeded: value >> Int64(8 * i)), to: &hash) }
        }
        for record in records {
            for value in [Int64(record.customer), record.time, Int64(record.target)] { add(value) }
            for i in 0..<4 { add(Int64(record.symbols[i])) }
        }
        ByteHash.add(dense.span.bytes, to: &hash)
        ByteHash.add(features.span.bytes, to: &hash)
        ByteHash.add(codes.span.bytes, to: &hash)
        return ByteHash.finish(hash)
    }

    /// Makes room for accesses. Without it, memory is for a while three times what is needed.
    public mutating func reserveCapacity(_ count: Int) {
        records.reserveCapacity(count)
        dense.reserveCapacity(count * shape.denseInputs)
        features.reserveCapacity(count * featureWidth)
        codes.reserveCapacity(count * codeWidth)
    }

    /// Appends an access. Those of one customer come in the order in which its state took them in.
    ///
    /// - `dense`: what goes into the state with the access, `shape.denseInputs` elements.
    /// - `features`: what heads are given before the access, `shape.features` elements, then those that tell its
    ///   time, `shape.timeFeatures`.
    /// - `experts`: the experts' log probabilities before the access, `shape.expertRows` rows of
    ///   `shape.partitionStride` elements. Kept to 1/4096, and to no less than -16.
    public mutating func append(
        _ record: Record, dense: Span<Float>, features: Span<Float>, experts: Span<Float>
    ) {
        precondition(Int(record.target) < shape.partitions, "the partition is not one of the network's")
        precondition(dense.count == shape.denseInputs, "an access needs all dense inputs")
        precondition(features.count == featureWidth, "an access needs all features")
        precondition(experts.count == codeWidth, "an access needs all experts")
        precondition(records.count < Int(Int32.max), "a set has at most 2,147,483,647 accesses")
        var known = record
        known.symbols.replace(with: 0, where: (known.symbols .< 0) .| (known.symbols .>= shape.symbols))
        records.append(known)
        for i in dense.indices { self.dense.append(dense[i]) }
        for i in features.indices { self.features.append(features[i]) }
        let stride = shape.partitionStride
        for start in Swift.stride(from: 0, to: codeWidth, by: 8) {
            let left = shape.partitions - start % stride
            var eight = SIMD8<Float>()
            for i in 0..<min(8, left) { eight[i] = experts[start + i] }
            let encoded = LogCodes.encode(eight)
            for i in 0..<8 { codes.append(encoded[i]) }
        }
    }

    /// Features of an access, those that tell its time included.
    var featureWidth: Int { shape.features + shape.timeFeatures }

    /// Codes of an access.
    var codeWidth: Int { shape.expertRows * shape.partitionStride }
}
