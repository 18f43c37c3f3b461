import Affinity
import Contracts

/// Checkpoints as files: `safetensors`, with a JSON document as a text called `checkpoint` in its metadata.
extension TrainingCheckpoint {
    private static let key = "checkpoint"
    private static let formatVersion = 1
    /// The most bytes a file may have: those of the largest network, three times.
    public static let fileSizeMax = 3 * Model.fileSizeMax

    /// The file. The same checkpoint makes the same bytes.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        document.write(to: &writer)
        let parts = [
            ("weights", weights), ("first_moments", firstMoments), ("second_moments", secondMoments),
        ]
        return SafeTensors(
            metadata: [Self.key: String(decoding: writer.bytes, as: UTF8.self)],
            tensors: parts.map { .init(name: $0.0, shape: [$0.1.count], values: $0.1) }
        ).encoded()
    }

    /// Reads a file. Throws if any of it is not as `encoded()` makes it.
    public init(decoding bytes: RawSpan) throws(TrainingFailure) {
        let file: SafeTensors
        do throws(SafeTensors.Failure) {
            file = try SafeTensors(decoding: bytes, limit: Self.fileSizeMax)
        } catch {
            throw .foreignCheckpoint(error.description)
        }
        guard let text = file.metadata[Self.key] else {
            throw .foreignCheckpoint("the metadata have no text called \(Self.key)")
        }
        let document: JSONValue
        do throws(Rejection) {
            document = try JSONValue(parsing: text.utf8Span.span.bytes)
        } catch {
            throw .foreignCheckpoint("\(Self.key) is not JSON: \(error.detail)")
        }
        let reader = CheckpointReader(value: document)
        guard try reader.integer("format") == Self.formatVersion else {
            throw .foreignCheckpoint("format is not \(Self.formatVersion)")
        }
        func tensor(_ name: String) throws(TrainingFailure) -> [Float] {
            guard let tensor = file.tensors.first(where: { $0.name == name }) else {
                throw .foreignCheckpoint("\(name) are missing")
            }
            guard tensor.values.allSatisfy({ $0.isFinite }) else {
                throw .foreignCheckpoint("\(name) are infinite or not numbers")
            }
            return tensor.values
        }
        self.init(
            configuration: try reader.configuration(), accesses: try reader.integer("accesses"),
            fingerprint: try reader.unsigned("set"), source: try reader.text("source"),
            epochs: try reader.epochs(), steps: try reader.integer("steps"), weights: try tensor("weights"),
            firstMoments: try tensor("first_moments"), secondMoments: try tensor("second_moments"))
    }

    private var document: JSONValue {
        let c = configuration
        return .object([
            .init("format", .integer(Self.formatVersion)),
            .init("accesses", .integer(accesses)),
            .init("set", .string("\(fingerprint)")),
            .init("source", .string(source)),
            .init("steps", .integer(steps)),
            .init("epochs", .array(epochs.map { Self.figures($0) })),
            .init("seed", .string("\(c.seed)")),
            .init("rate", .real(c.rate)),
            .init("warm_up_steps", .integer(c.warmUpSteps)),
            .init("final_rate_part", .real(c.finalRatePart)),
            .init("weight_decay", .real(c.weightDecay)),
            .init("gradient_length_max", .real(c.gradientLengthMax)),
            .init("dropout", .real(c.dropout)),
            .init("window", .integer(c.window)),
            .init("lanes", .integer(c.lanes)),
            .init("epochs_max", .integer(c.epochsMax)),
            .init("patience", .integer(c.patience)),
            .init("held_out_part", .real(c.heldOutPart)),
            .init("share_discount", .real(c.shareDiscount)),
            .init("threads", .integer(c.threads)),
        ])
    }

    private static func figures(_ epoch: EpochFigures) -> JSONValue {
        func losses(_ losses: HeadLosses) -> JSONValue {
            .array([.real(losses.next), .real(losses.nextAtTime), .real(losses.share)])
        }
        return .object([
            .init("phase", .integer(epoch.phase.rawValue)),
            .init("epoch", .integer(epoch.epoch)),
            .init("training", losses(epoch.training)),
            .init("held_out", epoch.heldOut.map { losses($0) } ?? .null),
        ])
    }
}

/// Reads what a checkpoint's file says about its weights.
private struct CheckpointReader {
    let value: JSONValue

    func integer(_ name: String) throws(TrainingFailure) -> Int {
        guard let value = value[name]?.wholeNumber else { throw failure(name, "a whole number") }
        return value
    }

    /// JSON's numbers are not exact beyond 2^53, so these stand in strings.
    func unsigned(_ name: String) throws(TrainingFailure) -> UInt64 {
        guard let number = value[name]?.text.flatMap({ UInt64($0) }) else {
            throw failure(name, "a whole number in a string")
        }
        return number
    }

    func text(_ name: String) throws(TrainingFailure) -> String {
        guard let text = value[name]?.text else { throw failure(name, "a string") }
        return text
    }

    func real(_ name: String) throws(TrainingFailure) -> Double {
        guard let value = value[name]?.realNumber else { throw failure(name, "a number") }
        return value
    }

    func configuration() throws(TrainingFailure) -> TrainingConfiguration {
        var c = TrainingConfiguration()
        c.seed = try unsigned("seed")
        c.rate = try real("rate")
        c.warmUpSteps = try integer("warm_up_steps")
        c.finalRatePart = try real("final_rate_part")
        c.weightDecay = try real("weight_decay")
        c.gradientLengthMax = try real("gradient_length_max")
        c.dropout = try real("dropout")
        c.window = try integer("window")
        c.lanes = try integer("lanes")
        c.epochsMax = try integer("epochs_max")
        c.patience = try integer("patience")
        c.heldOutPart = try real("held_out_part")
        c.shareDiscount = try real("share_discount")
        c.threads = try integer("threads")
        return c
    }

    func epochs() throws(TrainingFailure) -> [EpochFigures] {
        guard let elements = value["epochs"]?.elements else { throw failure("epochs", "an array") }
        var epochs: [EpochFigures] = []
        for element in elements {
            let reader = CheckpointReader(value: element)
            guard let phase = TrainingPhase(rawValue: try reader.integer("phase")) else {
                throw failure("phase", "0 or 1")
            }
            var heldOut: HeadLosses?
            if let given = element["held_out"], given != .null { heldOut = try losses(given) }
            epochs.append(
                EpochFigures(
                    phase: phase, epoch: try reader.integer("epoch"),
                    training: try losses(element["training"] ?? .null), heldOut: heldOut))
        }
        return epochs
    }

    private func losses(_ value: JSONValue) throws(TrainingFailure) -> HeadLosses {
        let numbers = value.elements?.compactMap { $0.realNumber } ?? []
        guard numbers.count == 3 else { throw failure("losses", "three numbers") }
        var losses = HeadLosses()
        losses.next = numbers[0]
        losses.nextAtTime = numbers[1]
        losses.share = numbers[2]
        return losses
    }

    private func failure(_ name: String, _ what: String) -> TrainingFailure {
        .foreignCheckpoint("\(name) must be \(what)")
    }
}
