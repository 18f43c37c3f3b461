internal import Affinity
public import Contracts
public import Kafka

/// Reads records of `interactions` as the updater does, for those who want the accesses and no vectors.
public struct AccessReader: Sendable {
    /// What a record says.
    public enum Meaning: Sendable, Equatable {
        /// The customer, its key, accessed something.
        case access(Access)
        /// The customer, its key, is to be forgotten.
        case forget
        /// Nothing that can be used: it went to the dead letters.
        case rejected
        /// A mark or a profile.
        case other
    }

    /// What accesses' hashes stand for, as far as was read.
    public struct Names: Sendable, Equatable {
        /// Names of regions.
        public var regions: [UInt32: String] = [:]
        /// Names of domains.
        public var domains: [UInt32: String] = [:]
        /// Names of kinds.
        public var kinds: [UInt32: String] = [:]
    }

    /// The names of all accesses so far.
    public private(set) var names = Names()
    private let partitions: PartitionMap
    private var decoder: InteractionDecoder

    /// A reader for these partitions, that accepts what the configuration's updater accepts.
    public init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap) {
        self.partitions = partitions
        decoder = InteractionDecoder(limits: configuration.limits)
    }

    /// Reads a record.
    public mutating func read(_ record: borrowing Record) -> Meaning {
        let headers = record.hasHeaders ? record.headers() : []
        if Source(record, headers).topic == TopicName.customers {
            guard let key = record.key, key.byteCount > 0, record.value == nil else { return .other }
            return .forget
        }
        if headers.text(Mark.headerName) != nil { return .other }
        guard let value = record.value else { return .rejected }
        do throws(Rejection) {
            let interaction = try decoder.decode(
                key: record.key, value: value, published: record.timestamp,
                cloudEvent: headers.isEmpty ? nil : CloudEventAttributes(headers))
            let access = try decoder.access(of: interaction, in: value, partitions)
            learn(interaction, value, access)
            return .access(access)
        } catch {
            return .rejected
        }
    }

    private mutating func learn(_ interaction: Interaction, _ value: RawSpan, _ access: Access) {
        if names.regions[access.region] == nil {
            names.regions[access.region] = text(interaction.region, interaction, value)
        }
        if let domain = interaction.domain, names.domains[access.domain] == nil {
            names.domains[access.domain] = text(domain, interaction, value)
        }
        if names.kinds[access.kind] == nil {
            names.kinds[access.kind] = text(interaction.kind, interaction, value)
        }
    }

    private func text(_ range: ByteRange, _ interaction: Interaction, _ value: RawSpan) -> String {
        decoder.withText(of: interaction, in: value) { text in
            text.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }
}
