/// What the group decided for a consumer. The consumer's owner carries it out with `Consumer.accept`.
public enum Rebalance: Sendable, Equatable {
    /// These topic partitions are to be taken over; with `incremental`, beside those held already.
    case assign([TopicPartition], incremental: Bool)
    /// These are to be given away; with `lost`, somebody else may hold them already, so nothing can be
    /// committed for them any more.
    case revoke([TopicPartition], incremental: Bool, lost: Bool)
}
