/// A trained network with all it takes to use it: what its symbols and partitions are called, which features it
/// was trained with, and how good it was.
public struct Model: Sendable {
    /// The version of the features, experts and dense inputs that networks of this program are given. A network
    /// of another version would be given other things than it was trained with.
    public static let currentFeatureVersion = 1

    /// The most bytes of a model's name: every vector that it has a part in carries it.
    public static let nameBytesMax = 256

    /// What is said of a model, and does not change what it forecasts.
    public struct Origin: Sendable, Equatable {
        /// What it is called in vectors' events and dashboards.
        public var name: String
        /// What it was trained on, for people.
        public var createdFrom: String
        /// Accesses it was trained on.
        public var accesses = 0
        /// Customers it was trained on.
        public var customers = 0
        /// Times it saw all of them.
        public var epochs = 0
        /// Losses in the last epoch, with dropout.
        public var training = HeadLosses()
        /// Losses on what was held out, in the best epoch of the search; nil if nothing was.
        public var heldOut: HeadLosses?

        /// An origin without figures.
        public init(name: String, createdFrom: String) {
            self.name = name
            self.createdFrom = createdFrom
        }
    }

    /// What symbols and partitions are called, by their numbers.
    public struct Names: Sendable, Equatable {
        /// Partitions; the symbol of the first is 1.
        public var partitions: [String]
        /// Regions; the symbol of the first is 1.
        public var regions: [String]
        /// Domains; the symbol of the first is 1.
        public var domains: [String]
        /// Kinds; the symbol of the first is 1.
        public var kinds: [String]

        /// Makes names.
        public init(partitions: [String], regions: [String], domains: [String], kinds: [String]) {
            self.partitions = partitions
            self.regions = regions
            self.domains = domains
            self.kinds = kinds
        }
    }

    /// Where it comes from.
    public let origin: Origin
    /// What its symbols and partitions are called.
    public let names: Names
    /// The version of what it was trained with.
    public let featureVersion: Int
    /// How much less each further access ahead counts in what `share` forecasts.
    public let shareDiscount: Double
    /// The weights, all finite.
    public let weights: NetworkWeights

    /// Makes a model of trained weights. Throws if the names are not as many as the shape says or not unique,
    /// the weights are not finite or the shape or the discount is out of range.
    public init(
        origin: Origin, names: Names, featureVersion: Int = Model.currentFeatureVersion,
        shareDiscount: Double,
        weights: NetworkWeights
    ) throws(ModelFailure) {
        self.origin = origin
        self.names = names
        self.featureVersion = featureVersion
        self.shareDiscount = shareDiscount
        self.weights = weights
        try check()
    }

    private func check() throws(ModelFailure) {
        let shape = weights.layout.shape
        do throws(NetworkShape.Failure) {
            try shape.validate()
        } catch {
            throw .badConfiguration(error.description)
        }
        guard featureVersion == Self.currentFeatureVersion else {
            throw .unknownFeatureVersion(featureVersion)
        }
        guard (1...Self.nameBytesMax).contains(origin.name.utf8.count) else {
            throw .badConfiguration("its name has not 1 to \(Self.nameBytesMax) bytes")
        }
        guard (0...0.999).contains(shareDiscount) else {
            throw .badConfiguration("share_discount must be 0 to 0.999")
        }
        guard (origin.training.total + (origin.heldOut?.total ?? 0)).isFinite else {
            throw .badConfiguration("a loss is infinite or not a number")
        }
        try check(names.partitions, "partitions", shape.partitions)
        try check(names.regions, "regions", shape.regions)
        try check(names.domains, "domains", shape.domains)
        try check(names.kinds, "kinds", shape.kinds)
        for tensor in weights.layout.tensors {
            let values = weights.values[tensor.offset..<tensor.offset + tensor.extent]
            guard values.allSatisfy({ $0.isFinite }) else { throw .notFinite(tensor: tensor.name) }
        }
    }

    private func check(_ names: [String], _ what: String, _ count: Int) throws(ModelFailure) {
        guard names.count == count else {
            throw .badConfiguration("there are \(names.count) names of \(what), for \(count)")
        }
        guard Set(names).count == names.count else {
            throw .badConfiguration("two of the \(what) have one name")
        }
        guard names.allSatisfy({ (1...256).contains($0.utf8.count) }) else {
            throw .badConfiguration("a name of the \(what) has not 1 to 256 bytes")
        }
    }
}

/// Why something is no model that can be used.
public enum ModelFailure: Error, Equatable, CustomStringConvertible {
    /// The file is not of the format. Train anew, or copy it again.
    case badFile(SafeTensors.Failure)
    /// What the file says about itself is incomplete or contradicts itself. Train anew.
    case badConfiguration(String)
    /// The network was trained with features of another version than this program's. Train anew.
    case unknownFeatureVersion(Int)
    /// A tensor that a network of this shape has is not there. Train anew.
    case missingTensor(String)
    /// A tensor is there that no network of this shape has. Train anew.
    case unexpectedTensor(String)
    /// A tensor has another shape than it must have. Train anew.
    case wrongShape(tensor: String, is: [Int], mustBe: [Int])
    /// A weight is infinite or not a number. Train anew, with a lower rate.
    case notFinite(tensor: String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .badFile(let failure): "model: \(failure)"
        case .badConfiguration(let what): "model: \(what)"
        case .unknownFeatureVersion(let version):
            "model: it was trained with features of version \(version); this program has"
                + " \(Model.currentFeatureVersion)"
        case .missingTensor(let name): "model: tensor \(name) is missing"
        case .unexpectedTensor(let name): "model: tensor \(name) is none of a network of its shape"
        case .wrongShape(let tensor, let shape, let wanted):
            "model: tensor \(tensor) has the shape \(shape); it must be \(wanted)"
        case .notFinite(let tensor): "model: tensor \(tensor) has weights that are infinite or not numbers"
        }
    }
}
