internal import Contracts
internal import ForeshadowRouting
public import Foundation

/// An experiment that the configuration starts: a file that holds what the interface takes, and its `name`.
public struct ConfiguredExperiment: Sendable, Equatable {
    private let record: ExperimentRecord

    /// Why a file cannot be used.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// The reason, for people.
        public let description: String
    }

    private struct Named: Decodable {
        var name: String
    }

    private static let shape = JSONShape.object(ExperimentDefinition.members.merging(["name": .value]) { $1 })

    /// Reads the file.
    public init(_ file: Data) throws(Failure) {
        do {
            try Self.shape.check(file)
            let decoder = JSONDecoder()
            let name = try decoder.decode(Named.self, from: file).name
            let definition = try decoder.decode(ExperimentDefinition.self, from: file)
            record = try definition.record(name, now: 0)
        } catch let error as DecodingError {
            throw Failure(description: error.text)
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    /// Its name.
    public var name: String { record.name }

    /// Its first record, if it starts now.
    func record(now: EventTime) -> ExperimentRecord {
        var record = record
        record.startedAt = now
        record.decidedAt = now
        return record
    }
}
