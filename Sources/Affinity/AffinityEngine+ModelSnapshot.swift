import Contracts

/// The model as bytes, and what a customer's record holds of the network.
///
/// A record says by how many switches it was written after, and how wide its network was. So a record from before
/// the newest switch can still be read, whatever model was in use then: what it says of the network is left out,
/// as the switch did with the customer in memory.
extension AffinityEngine {
    /// The key of the model: no UTF-8 text has this byte, so no customer's key.
    static let modelKey: UInt8 = 0xFE

    static func isModel(_ key: RawSpan) -> Bool {
        key.byteCount == 1 && key.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == modelKey
    }

    /// Writes how often the model was switched, and its file; an empty one: there is no model.
    func encodeModel(into state: inout StateWriter) {
        state.write(modelNumber)
        let file = recurrence?.model.encoded() ?? []
        state.write(file.span.bytes)
    }

    /// Takes over what `encodeModel` wrote.
    mutating func restoreModel(_ state: RawSpan?) throws(StateFailure) {
        guard let state else { throw .outOfRange("a model that is gone") }
        var reader = StateReader(state)
        let number: UInt32 = try reader.read()
        let file = try reader.readBytes()
        try reader.finish()
        let model = file.isEmpty ? nil : try readModel(file)
        modelNumber = number
        isModelSaved = true
        install(model)
    }

    private func readModel(_ file: [UInt8]) throws(StateFailure) -> Model {
        let model: Model
        do throws(ModelFailure) {
            model = try Model(decoding: file.span.bytes)
        } catch {
            throw .outOfRange("the model in use (\(error))")
        }
        let count = model.names.partitions.count
        if count != partitions { throw .otherShape("a model of \(count) partitions, not \(partitions)") }
        do throws(ModelMismatch) {
            try Self.checkInputs(model)
        } catch {
            throw .otherShape("\(error)")
        }
        return model
    }

    /// Reads what `encode` wrote of the forecast and the network's state, into `restoredCodes` and
    /// `restoredState`.
    mutating func decodeNetwork(
        _ reader: inout StateReader, _ customer: inout Customer
    ) throws(StateFailure) {
        let number: UInt32 = try reader.read()
        let units = try reader.count(limit: 256, "units of the network")
        let isOfModel = number == modelNumber
        if isOfModel, units != restoredState.count {
            throw .otherShape("a network of \(units) units, not \(restoredState.count)")
        }
        if !isOfModel { try restartNetwork(&customer) }
        for i in 0..<partitions { restoredCodes[i] = try reader.read(bits: UInt16.self) }
        if units == 0 { return }
        for i in partitions..<3 * partitions {
            let code = try reader.read(bits: UInt16.self)
            if isOfModel { restoredCodes[i] = code }
        }
        for i in 0..<units {
            let value = try reader.read(bits: Float.self)
            if !(-1...1).contains(value) { throw .outOfRange("a unit of the network") }
            if isOfModel { restoredState[i] = value }
        }
    }

    /// What a switch does with a customer in memory.
    private mutating func restartNetwork(_ customer: inout Customer) throws(StateFailure) {
        Self.dropNetwork(&customer)
        try Self.checkWeights(customer.nextWeights.sum(), customer.nextWeights.min())
        try Self.checkWeights(customer.shareWeights.sum(), customer.shareWeights.min())
        let even = forecasts.even
        for i in partitions..<restoredCodes.count { restoredCodes[i] = even }
        for i in restoredState.indices { restoredState[i] = 0 }
    }
}
