internal import Affinity
internal import Contracts
internal import Kafka
internal import Streams

/// Switching the model, at a place of the log.
extension UpdaterProcessor {
    /// What the vectors' model goes by without a network.
    static let mixture = "mixture-2"

    /// Uses the model that the record holds from the next record on, or none if it holds none.
    ///
    /// A file that cannot be used goes to the dead letters, and the model in use stays. So does it where the record
    /// holds the very same one: who is not sure that a switch came through may write it again.
    mutating func switchModel(_ record: borrowing Record, _ source: Source, _ outputs: inout Outputs) {
        guard let file = record.value, file.byteCount > 0 else { return use(nil, &outputs) }
        do throws(Rejection) {
            use(try configuration.model(file, for: partitions), &outputs)
        } catch {
            reject(record, error, source, &outputs)
        }
    }

    private mutating func use(_ model: Model?, _ outputs: inout Outputs) {
        let label = model?.label
        if label == modelLabel { return }
        putQuality(&outputs)
        engine.use(model)
        modelLabel = label
    }

    /// What vectors call what made them.
    static func name(_ label: String?) -> String { label.map { "\(mixture)+\($0)" } ?? mixture }

    static func quoted(_ label: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.string(name(label))
        return writer.bytes
    }
}
