import Contracts

/// Models as files: `safetensors`, with one more JSON document as a text called `foreshadow` in its metadata.
extension Model {
    /// The most bytes a file may have.
    public static let fileSizeMax = 256 << 20

    private static let key = "foreshadow"
    private static let formatVersion = 1

    /// The file. The same model makes the same bytes.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        document.write(to: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        return SafeTensors(metadata: [Self.key: text], tensors: weights.tensors).encoded()
    }

    /// Reads a file. Throws, with the reason, if any of it is not as `encoded()` makes it.
    public init(decoding bytes: RawSpan) throws(ModelFailure) {
        let file: SafeTensors
        do throws(SafeTensors.Failure) {
            file = try SafeTensors(decoding: bytes, limit: Self.fileSizeMax)
        } catch {
            throw .badFile(error)
        }
        guard let text = file.metadata[Self.key] else {
            throw .badConfiguration("the metadata have no text called \(Self.key)")
        }
        let document: JSONValue
        do throws(Rejection) {
            document = try JSONValue(parsing: text.utf8Span.span.bytes)
        } catch {
            throw .badConfiguration("\(Self.key) is not JSON: \(error.detail)")
        }
        let reader = ModelReader(document: document)
        guard try reader.integer("format") == Self.formatVersion else {
            throw .badConfiguration("format is not \(Self.formatVersion)")
        }
        let version = try reader.integer("feature_version")
        guard version == Self.currentFeatureVersion else { throw .unknownFeatureVersion(version) }
        let names = try reader.names()
        try self.init(
            origin: try reader.origin(), names: names, featureVersion: version,
            shareDiscount: try reader.real("share_discount"),
            weights: try NetworkWeights(try reader.shape(names), file.tensors))
    }

    /// What the file says about the weights.
    private var document: JSONValue {
        let shape = weights.layout.shape
        func texts(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        return .object([
            .init("format", .integer(Self.formatVersion)),
            .init("name", .string(origin.name)),
            .init("created_from", .string(origin.createdFrom)),
            .init("feature_version", .integer(featureVersion)),
            .init("share_discount", .real(shareDiscount)),
            .init("hidden", .integer(shape.hidden)),
            .init("head_units", .integer(shape.headUnits)),
            .init("experts", .integer(shape.experts)),
            .init("timed_experts", .integer(shape.timedExperts)),
            .init("dense_inputs", .integer(shape.denseInputs)),
            .init("features", .integer(shape.features)),
            .init("time_features", .integer(shape.timeFeatures)),
            .init("partitions", texts(names.partitions)),
            .init("regions", texts(names.regions)),
            .init("domains", texts(names.domains)),
            .init("kinds", texts(names.kinds)),
            .init("accesses", .integer(origin.accesses)),
            .init("customers", .integer(origin.customers)),
            .init("epochs", .integer(origin.epochs)),
            .init("training", Self.losses(origin.training)),
            .init("held_out", origin.heldOut.map { Self.losses($0) } ?? .null),
        ])
    }

    private static func losses(_ losses: HeadLosses) -> JSONValue {
        .object([
            .init("next", .real(losses.next)), .init("next_at_time", .real(losses.nextAtTime)),
            .init("share", .real(losses.share)),
        ])
    }
}

/// Reads what a model's file says about itself.
struct ModelReader {
    let document: JSONValue

    func integer(_ name: String) throws(ModelFailure) -> Int {
        guard let value = document[name]?.wholeNumber else { throw failure(name, "a whole number") }
        return value
    }

    func real(_ name: String) throws(ModelFailure) -> Double {
        guard let value = document[name]?.realNumber else { throw failure(name, "a number") }
        return value
    }

    func text(_ name: String) throws(ModelFailure) -> String {
        guard let value = document[name]?.text else { throw failure(name, "a string") }
        return value
    }

    func names() throws(ModelFailure) -> Model.Names {
        Model.Names(
            partitions: try texts("partitions"), regions: try texts("regions"), domains: try texts("domains"),
            kinds: try texts("kinds"))
    }

    func shape(_ names: Model.Names) throws(ModelFailure) -> NetworkShape {
        var shape = NetworkShape(
            partitions: names.partitions.count, experts: try integer("experts"), regions: names.regions.count,
            domains: names.domains.count, kinds: names.kinds.count, denseInputs: try integer("dense_inputs"),
            features: try integer("features"), timeFeatures: try integer("time_features"))
        shape.hidden = try integer("hidden")
        shape.headUnits = try integer("head_units")
        shape.timedExperts = try integer("timed_experts")
        return shape
    }

    func origin() throws(ModelFailure) -> Model.Origin {
        var origin = Model.Origin(name: try text("name"), createdFrom: try text("created_from"))
        origin.accesses = try integer("accesses")
        origin.customers = try integer("customers")
        origin.epochs = try integer("epochs")
        origin.training = try losses("training")
        if let heldOut = document["held_out"], heldOut != .null { origin.heldOut = try losses("held_out") }
        return origin
    }

    private func losses(_ name: String) throws(ModelFailure) -> HeadLosses {
        guard let value = document[name] else { throw failure(name, "an object") }
        let reader = ModelReader(document: value)
        var losses = HeadLosses()
        losses.next = try reader.real("next")
        losses.nextAtTime = try reader.real("next_at_time")
        losses.share = try reader.real("share")
        return losses
    }

    private func texts(_ name: String) throws(ModelFailure) -> [String] {
        guard let elements = document[name]?.elements else { throw failure(name, "an array of strings") }
        let texts = elements.compactMap { $0.text }
        guard texts.count == elements.count else { throw failure(name, "an array of strings") }
        return texts
    }

    private func failure(_ name: String, _ what: String) -> ModelFailure {
        .badConfiguration("\(name) must be \(what)")
    }
}

extension NetworkWeights {
    /// The tensors, without what lies between rows.
    var tensors: [SafeTensors.Tensor] {
        layout.tensors.map { tensor in
            var packed: [Float] = []
            for row in 0..<(tensor.rows ?? 1) {
                let start = tensor.offset + row * tensor.stride
                packed += values[start..<start + tensor.columns]
            }
            return SafeTensors.Tensor(name: tensor.name, shape: tensor.shape, values: packed)
        }
    }

    /// Takes the weights from a file's tensors, which must be all of the shape's and no others.
    init(_ shape: NetworkShape, _ tensors: [SafeTensors.Tensor]) throws(ModelFailure) {
        do throws(NetworkShape.Failure) {
            try shape.validate()
        } catch {
            throw .badConfiguration(error.description)
        }
        var given: [String: SafeTensors.Tensor] = [:]
        for tensor in tensors { given[tensor.name] = tensor }
        // Before anything is made that is as large as the file only says it is.
        for tensor in NetworkLayout(shape).tensors {
            guard let shape = given[tensor.name]?.shape else { throw .missingTensor(tensor.name) }
            guard shape == tensor.shape else {
                throw .wrongShape(tensor: tensor.name, is: shape, mustBe: tensor.shape)
            }
        }
        self.init(zeros: shape)
        for tensor in layout.tensors {
            guard let packed = given.removeValue(forKey: tensor.name)?.values else { continue }
            for row in 0..<(tensor.rows ?? 1) {
                for column in 0..<tensor.columns {
                    values[tensor.offset + row * tensor.stride + column] =
                        packed[row * tensor.columns + column]
                }
            }
        }
        if let other = given.keys.min() { throw .unexpectedTensor(other) }
    }
}
