public import Contracts

/// A shadow as routing sees it.
public struct OpenShadow: Sendable, Equatable {
    /// The partition the cohort's data is in.
    public let source: PartitionIndex
    /// The partition the copy is in.
    public let target: PartitionIndex
    /// Where it is in its life.
    public let phase: Phase
    /// Share of the cohort's customers that read from the target, in thousandths.
    public let readShareMilli: Int64
    /// Whether writes for the cohort go to both.
    public let dualWrite: Bool
    /// The command's epoch.
    public let epoch: UInt64
    /// The hash's state after the shadow's name and a zero byte: the customer's bytes follow.
    let hashState: UInt64

    /// Whether `customer` reads from the target, if it is of the cohort: `hash(customer, shadow) < readShare`.
    ///
    /// The hash is `ByteHash` over the shadow's name `source>target`, a zero byte and the customer, as a fraction
    /// of 2^64; so a growing share never moves a customer back.
    public func reads(_ customer: RawSpan) -> Bool {
        if readShareMilli == 0 { return false }
        var state = hashState
        ByteHash.add(customer, to: &state)
        return Int64(ByteHash.finish(state).multipliedFullWidth(by: 1_000).high) < readShareMilli
    }
}

/// The shadows by the newest command of each.
struct ShadowBook: Sendable {
    private var epochs: [[PartitionIndex]: UInt64] = [:]  // by source and target
    private(set) var bySource: [[OpenShadow]]

    init(partitions: Int) { bySource = Array(repeating: [], count: partitions) }

    /// Takes over what a command says; false if a newer one is known.
    mutating func apply(_ command: ShadowCommand, _ partitions: PartitionMap) -> Bool {
        let key = [command.source, command.target]
        if let known = epochs[key], known >= command.epoch { return false }
        epochs[key] = command.epoch
        let source = Int(command.source)
        bySource[source].removeAll { $0.target == command.target }
        if command.phase == .retired { return true }
        var state = ByteHash.seed
        ByteHash.add(command.shadow(partitions).utf8Span.span.bytes, to: &state)
        ByteHash.add(0, to: &state)
        bySource[source].append(
            OpenShadow(
                source: command.source, target: command.target, phase: command.phase,
                readShareMilli: command.readShareMilli, dualWrite: command.dualWrite, epoch: command.epoch,
                hashState: state))
        bySource[source].sort { $0.target < $1.target }
        return true
    }
}
