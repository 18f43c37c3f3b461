import Affinity
import Testing

@Suite struct ModelTests {
    private func model(_ change: (inout NetworkWeights) -> Void = { _ in }) throws -> Model {
        var origin = Model.Origin(name: "shop", createdFrom: "interactions of \"May\"")
        origin.accesses = 12_345
        origin.customers = 67
        origin.epochs = 8
        origin.training.next = 1.0 / 3
        origin.heldOut = HeadLosses()
        origin.heldOut?.share = 1e-7
        var weights = NetworkWeights(oddShape(), seed: 4)
        change(&weights)
        return try Model(origin: origin, names: names(), shareDiscount: 0.9, weights: weights)
    }

    private func names(_ partitions: Int = 5) -> Model.Names {
        func some(_ count: Int, _ what: String) -> [String] { (0..<count).map { "\(what) \($0)" } }
        return Model.Names(
            partitions: some(partitions, "p"), regions: some(4, "r"), domains: some(2, "d"),
            kinds: some(6, "k"))
    }

    /// The file of a model with changes to what it holds.
    private func file(_ change: (inout SafeTensors) -> Void) throws -> [UInt8] {
        var file = try SafeTensors(decoding: model().encoded().span.bytes, limit: 1 << 20)
        change(&file)
        return file.encoded()
    }

    private func failure(_ change: (inout SafeTensors) -> Void) throws -> ModelFailure? {
        let bytes = try file(change)
        do throws(ModelFailure) {
            _ = try Model(decoding: bytes.span.bytes)
            return nil
        } catch {
            return error
        }
    }

    private func failure(replacing old: String, by new: String) throws -> ModelFailure? {
        try failure { file in
            file.metadata["foreshadow"]?.replace(old, with: new, maxReplacements: 1)
        }
    }

    @Test func `a model that was written is read`() throws {
        let model = try model()
        let bytes = model.encoded()
        #expect(bytes == model.encoded())
        let read = try Model(decoding: bytes.span.bytes)
        #expect(read.origin == model.origin)
        #expect(read.names == model.names)
        #expect(read.shareDiscount == 0.9)
        #expect(read.featureVersion == Model.currentFeatureVersion)
        #expect(read.weights.layout.shape == oddShape())
        #expect(read.weights.values == model.weights.values)
        #expect(read.encoded() == bytes)
    }

    @Test func `tensors lie in files without what is between their rows`() throws {
        let file = try SafeTensors(decoding: model().encoded().span.bytes, limit: 1 << 20)
        let output = try #require(file.tensors.first { $0.name == "next.output" })
        #expect(output.shape == [24, 5] && output.values.count == 120)
        let gate = try #require(file.tensors.first { $0.name == "next_at_time.gate_bias" })
        #expect(gate.shape == [4])
    }

    @Test func `a model of another writer is read, in its own order and with what it adds`() throws {
        let bytes = try file { file in
            file.tensors.sort { $0.name < $1.name }
            file.metadata["format"] = "pt"
            file.metadata["foreshadow"]?.replace(
                "{", with: "{\n \"trained_with\": [1, null],  ", maxReplacements: 1)
        }
        let read = try Model(decoding: bytes.span.bytes)
        let model = try model()
        #expect(bytes != model.encoded())
        #expect(read.weights.values == model.weights.values)
        #expect(read.encoded() == model.encoded())
    }

    @Test func `each kind of damage is named`() throws {
        #expect(try failure { _ in } == nil)
        #expect(
            try failure { $0.metadata = [:] }
                == .badConfiguration("the metadata have no text called foreshadow"))
        #expect(try failure { $0.tensors.removeFirst() } == .missingTensor("cell.partition"))
        #expect(
            try failure { $0.tensors.append(.init(name: "more", shape: [1], values: [0])) }
                == .unexpectedTensor("more"))
        #expect(
            try failure { $0.tensors[6].shape = [3, 16] }
                == .wrongShape(tensor: "cell.bias", is: [3, 16], mustBe: [48]))
        #expect(
            try failure { $0.tensors[5].values[3] = .nan } == .notFinite(tensor: "cell.hidden"))
        #expect(
            try failure { $0.tensors[5].values[3] = -.infinity } == .notFinite(tensor: "cell.hidden"))
        #expect(
            throws: ModelFailure.badFile(.wrongLength("the file ends within the length of the header"))
        ) { try Model(decoding: [UInt8](repeating: 0, count: 7).span.bytes) }
    }

    @Test func `what a file says of itself is checked`() throws {
        #expect(
            try failure(replacing: #""feature_version":1"#, by: #""feature_version":7"#)
                == .unknownFeatureVersion(7))
        #expect(
            try failure(replacing: #""format":1"#, by: #""format":2"#)
                == .badConfiguration("format is not 1"))
        #expect(
            try failure(replacing: #""hidden":16"#, by: #""hidden":12"#)
                == .badConfiguration("network: hidden is 12; it must be a multiple of 8 from 8 to 256"))
        #expect(
            try failure(replacing: #""hidden":16"#, by: #""hidden":24"#)
                == .wrongShape(tensor: "cell.partition", is: [6, 48], mustBe: [6, 72]))
        #expect(
            try failure(replacing: #""p 1""#, by: #""p 0""#)
                == .badConfiguration("two of the partitions have one name"))
        #expect(
            try failure(replacing: #""r 1""#, by: #""""#)
                == .badConfiguration("a name of the regions has not 1 to 256 bytes"))
        #expect(
            try failure(replacing: #""k 1""#, by: "1")
                == .badConfiguration("kinds must be an array of strings"))
        #expect(
            try failure(replacing: #""name":"shop","#, by: "") == .badConfiguration("name must be a string"))
        #expect(
            try failure(replacing: "0.9", by: "1.5") == .badConfiguration("share_discount must be 0 to 0.999")
        )
        #expect(
            try failure(replacing: "{", by: "(")
                == .badConfiguration("foreshadow is not JSON: a value was expected at byte 0"))
    }

    @Test func `no model is made of what could not be read back`() throws {
        #expect(throws: ModelFailure.notFinite(tensor: "share.gate_bias")) {
            try model { $0.values[$0.values.count - 8] = .nan }
        }
        let origin = Model.Origin(name: "shop", createdFrom: "")
        let weights = NetworkWeights(oddShape(), seed: 1)
        #expect(throws: ModelFailure.badConfiguration("there are 6 names of partitions, for 5")) {
            try Model(origin: origin, names: names(6), shareDiscount: 0, weights: weights)
        }
        #expect(throws: ModelFailure.unknownFeatureVersion(0)) {
            try Model(
                origin: origin, names: names(), featureVersion: 0, shareDiscount: 0, weights: weights)
        }
        for name in ["", String(repeating: "n", count: 257)] {
            #expect(throws: ModelFailure.badConfiguration("its name has not 1 to 256 bytes")) {
                try Model(
                    origin: .init(name: name, createdFrom: ""), names: names(), shareDiscount: 0,
                    weights: weights)
            }
        }
    }
}
