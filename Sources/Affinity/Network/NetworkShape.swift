/// How large a network is and what goes into it.
///
/// Symbols are numbers of things with names: 0 is unknown, and the thing at place i of a list has number i + 1.
public struct NetworkShape: Sendable, Equatable {
    /// Units of states and heads where nothing else is asked for.
    public static let defaultUnits = 32

    /// Units of the recurrent state of a customer; a multiple of 8.
    public var hidden = defaultUnits
    /// Units of the layer between the state and a forecast; a multiple of 8.
    public var headUnits = defaultUnits
    /// Partitions a forecast is over.
    public var partitions: Int
    /// Experts whose log probabilities every head is given.
    public var experts: Int
    /// Further experts, of the time of the next access, that only the head `nextAtTime` is given.
    public var timedExperts = 1
    /// Names of regions, without the unknown one.
    public var regions: Int
    /// Names of domains, without the unknown one.
    public var domains: Int
    /// Names of kinds, without the unknown one.
    public var kinds: Int
    /// Numbers that go into a step along with the access's symbols.
    public var denseInputs: Int
    /// Numbers every head is given.
    public var features: Int
    /// Further numbers, about the time of the next access, that only the head `nextAtTime` is given.
    public var timeFeatures: Int

    /// A shape with states and heads of 32 units and one timed expert. Not yet validated.
    public init(
        partitions: Int, experts: Int, regions: Int, domains: Int, kinds: Int, denseInputs: Int,
        features: Int, timeFeatures: Int
    ) {
        self.partitions = partitions
        self.experts = experts
        self.regions = regions
        self.domains = domains
        self.kinds = kinds
        self.denseInputs = denseInputs
        self.features = features
        self.timeFeatures = timeFeatures
    }

    /// The distance between rows over partitions: their number, rounded up to a multiple of 8.
    public var partitionStride: Int { Self.padded(partitions) }

    /// Rows of the matrix of the experts' log probabilities, those of the timed experts last.
    public var expertRows: Int { experts + timedExperts }

    /// How many different symbols there are of partition, region, domain and kind, the unknown ones included.
    public var symbols: SIMD4<Int32> {
        SIMD4(Int32(partitions), Int32(regions), Int32(domains), Int32(kinds)) &+ 1
    }

    /// How many experts a head is given.
    public func experts(of head: NetworkHead) -> Int { head == .nextAtTime ? expertRows : experts }

    /// How many features a head is given.
    public func features(of head: NetworkHead) -> Int {
        head == .nextAtTime ? features + timeFeatures : features
    }

    /// The number rounded up to a multiple of 8, the width of what is computed at once.
    @inline(__always)
    package static func padded(_ count: Int) -> Int { (count + 7) & ~7 }
}

/// What a network forecasts from a customer's state. Each has weights of its own.
public enum NetworkHead: Int, Sendable, CaseIterable {
    /// Where the next access falls, its time unknown.
    case next
    /// Where the next access falls, its time known.
    case nextAtTime
    /// The discounted share of each partition in the coming accesses.
    case share

    /// Its name in files.
    package var name: String {
        switch self {
        case .next: "next"
        case .nextAtTime: "next_at_time"
        case .share: "share"
        }
    }
}

extension NetworkShape {
    /// Why no network can have a shape.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The number called `name` is `value`, which is outside of its range. Set it to one of the range.
        case outOfRange(name: String, value: Int, range: String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .outOfRange(let name, let value, let range):
                "network: \(name) is \(value); it must be \(range)"
            }
        }
    }

    /// Checks every number against its range.
    public func validate() throws(Failure) {
        try checkUnits(hidden, "hidden")
        try checkUnits(headUnits, "headUnits")
        try check(partitions, 1...65_535, "partitions")
        try check(experts, 1...64, "experts")
        try check(timedExperts, 0...64, "timedExperts")
        try check(regions, 0...65_535, "regions")
        try check(domains, 0...65_535, "domains")
        try check(kinds, 0...65_535, "kinds")
        try check(denseInputs, 0...256, "denseInputs")
        try check(features, 0...256, "features")
        try check(timeFeatures, 0...256, "timeFeatures")
    }

    private func checkUnits(_ value: Int, _ name: String) throws(Failure) {
        guard (8...256).contains(value), value % 8 == 0 else {
            throw .outOfRange(name: name, value: value, range: "a multiple of 8 from 8 to 256")
        }
    }

    private func check(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(Failure) {
        guard range.contains(value) else {
            throw .outOfRange(name: name, value: value, range: "\(range.lowerBound) to \(range.upperBound)")
        }
    }
}
