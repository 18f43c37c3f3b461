/// Who gives every partition a probability of the customer's next access, in the order of their weights.
///
/// Each of them smooths what it has counted by something coarser, down to the population's frequencies.
public enum Expert: Int, CaseIterable, Sendable {
    /// How often any customer is there.
    case global
    /// How often any customer has been there of late.
    case recent
    /// What followed in customers of the same home who were last at the same partition.
    case home
    /// Staying, as likely as in customers with as long a run, as many accesses and as many partitions.
    case last
    /// The customer's counts, of short memory in accesses.
    case short
    /// The customer's counts, of medium memory in accesses.
    case medium
    /// The customer's counts, of long memory in accesses.
    case long
    /// The customer's counts, faded by time.
    case fading
    /// What followed the customer's accesses in the same hours of the week.
    case hour
    /// What followed the customer's accesses in the same partition; then any customer's.
    case markov
    /// The same; then what followed any customer's after the same two partitions.
    case second
    /// The same; then what followed any customer's in the same region and domain.
    case place
    /// What followed the customer's accesses of the same kind, region and domain; then any customer's.
    case context
    /// What the customer accessed in the hours of the access that comes: only where its time is known.
    case atHour
    /// The recurrent network, if there is a model.
    case network
    /// The mixture of all of them: no expert of the mixture, but one of the pool's inputs.
    case mixture

    /// Those whose rows the network reads: all but itself and the mixture.
    package static let rows = 14
}

/// Who forecasts the share, in the order of their weights: those that say where a customer is over many
/// accesses, not where the very next one falls.
public enum ShareExpert: Int, CaseIterable, Sendable {
    case home, short, medium, long, fading, global, last, network
}
