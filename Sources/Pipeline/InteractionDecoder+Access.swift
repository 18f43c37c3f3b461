internal import Contracts

extension InteractionDecoder {
    /// The interaction as the engine sees it. Throws if none of the partitions is its region's and domain's.
    ///
    /// `interaction` must be the newest one this decoder made, and `value` the one it was made from.
    func access(
        of interaction: Interaction, in value: RawSpan, _ partitions: PartitionMap
    ) throws(Rejection) -> Access {
        let access = withText(of: interaction, in: value) { text -> Access? in
            let region = text.extracting(interaction.region)
            let partition: PartitionIndex?
            if let domain = interaction.domain {
                partition = partitions.resolve(region: region, domain: text.extracting(domain))
            } else {
                partition = partitions.resolve(region: region, domain: nil)
            }
            guard let partition else { return nil }
            return Access(
                time: interaction.time, partition: partition, bytes: interaction.bytes,
                idHash: ByteHash.hash(text.extracting(interaction.id)),
                region: Access.symbol(region),
                domain: interaction.domain.map { Access.symbol(text.extracting($0)) } ?? 0,
                kind: Access.symbol(text.extracting(interaction.kind)))
        }
        if let access { return access }
        throw Rejection(
            .unknownPartition, "the interaction's region and domain are in no configured partition")
    }
}
