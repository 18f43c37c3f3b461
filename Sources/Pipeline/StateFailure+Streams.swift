internal import Contracts
internal import Streams

extension SnapshotFailure {
    /// What a failure to read state means for a stage.
    init(_ failure: StateFailure) {
        switch failure {
        case .otherShape(let what): self = .otherConfiguration(what)
        default: self = .malformed("\(failure)")
        }
    }
}
