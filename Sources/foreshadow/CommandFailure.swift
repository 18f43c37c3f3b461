import Affinity
import ArgumentParser
import Backtest
import Contracts
import Evaluation
import Kafka
import Streams
import Training
import Workload

/// A failure a command ends with, and its exit code.
enum CommandFailure: Error, CustomStringConvertible {
    /// Something the user gave cannot be used: a file, a configuration, an option. Exit code 2.
    case input(String)
    /// The cluster could not be reached or refused. Exit code 3.
    case cluster(String)
    /// The work was done and its result is bad: records are missing, topics differ. Exit code 4.
    case result(String)
    /// The process gets no further although the cluster answers; a new one may. Exit code 5.
    case stuck(String)
    /// Topics have changed under a running pipeline, so that somebody has to decide how it goes on. Exit code 6.
    case changed(String)

    var description: String {
        switch self {
        case .input(let reason), .cluster(let reason), .result(let reason), .stuck(let reason),
            .changed(let reason):
            reason
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .input: ExitCode(2)
        case .cluster: ExitCode(3)
        case .result: ExitCode(4)
        case .stuck: ExitCode(5)
        case .changed: ExitCode(6)
        }
    }
}

extension CommandFailure {
    /// What an error of the modules below means to the user of a command; nil for what is not theirs, such as
    /// a request for help.
    init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as KafkaError: self = error.remedy == .fix ? .input("\(error)") : .cluster("\(error)")
        case let failure as StageFailure: self.init(failure)
        case let failure as SnapshotFailure: self = .input("\(failure)")
        case let failure as PartitionMap.Failure: self = .input("\(failure)")
        case let failure as TraceFailure: self = .input("\(failure)")
        case let failure as EvaluationFailure: self = .input("\(failure)")
        case let failure as BacktestFailure: self = .input("\(failure)")
        case TrainingFailure.diverged(let epoch): self = .result("\(TrainingFailure.diverged(epoch: epoch))")
        case let failure as TrainingFailure: self = .input("\(failure)")
        case let failure as ModelFailure: self = .input("\(failure)")
        case let failure as AffinityEngine.ModelMismatch: self = .input("\(failure)")
        default: return nil
        }
    }

    private init(_ failure: StageFailure) {
        switch failure {
        case .missingTopic, .notCoPartitioned, .nameTaken: self = .input("\(failure)")
        case .topicPartitionsChanged, .inputChanged: self = .changed("\(failure)")
        case .stuck: self = .stuck("\(failure)")
        }
    }
}
