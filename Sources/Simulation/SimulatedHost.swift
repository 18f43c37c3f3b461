internal import Kafka
internal import Logging
internal import SimulatedKafka
internal import Streams

/// One process of a simulation, with the worker that runs in it now.
final class SimulatedHost {
    let name: String
    let process: SimulatedProcess
    let control = StageControl<Ledger.Report>()
    private(set) var worker: Worker<Ledger>?
    private(set) var follower: StandbyFollower<Ledger>?
    private let cluster: any Cluster
    private let buggy: BuggyCluster?
    private let stage: PipelineStage<Ledger>
    private let configuration: StreamConfiguration
    private let tasks: Int32
    private let logger: Logger

    init(
        name: String, process: SimulatedProcess, plan: SimulationPlan, configuration: StreamConfiguration,
        logger: Logger
    ) {
        self.name = name
        self.process = process
        self.configuration = configuration
        self.logger = logger
        tasks = plan.tasks
        buggy = plan.bug.map { BuggyCluster(process, $0) }
        cluster = buggy ?? process
        if plan.bug == .stateKeptAfterFencing {
            let memory = ClingingMemory()
            stage = Ledger.stage { Ledger($0, memory) }
        } else {
            stage = Ledger.stage()
        }
        follower = StandbyFollower(
            stage: stage, configuration: configuration, taskCount: tasks, logger: logger)
    }

    /// One turn of the worker; makes a new one if there is none or the last one failed. Throws what no new
    /// worker mends.
    func step() throws {
        if buggy?.isHung == true { return }
        do {
            try (worker ?? makeWorker()).step()
        } catch let error as KafkaError where !error.isPermanent {
            dropWorker(leavesGroup: false)
        }
    }

    /// One turn of the standby.
    func followOnce() throws {
        guard let follower else { return }
        do {
            try follower.step(cluster)
        } catch is KafkaError {
            self.follower = StandbyFollower(
                stage: stage, configuration: configuration, taskCount: tasks, logger: logger)
            dropWorker(leavesGroup: false)
        }
    }

    /// Stops as a process does that is told to.
    func stop() {
        do { try worker?.finish() } catch {}
        dropWorker(leavesGroup: true)
    }

    private func makeWorker() throws -> Worker<Ledger> {
        let made = try Worker(
            stage: stage, configuration: configuration, cluster: cluster, taskCount: tasks,
            control: WorkerControl(control), standbys: follower, logger: logger)
        worker = made
        return made
    }

    private func dropWorker(leavesGroup: Bool) {
        worker?.close(leavesGroup: leavesGroup)
        worker = nil
    }
}
