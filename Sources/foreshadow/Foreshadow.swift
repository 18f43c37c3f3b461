import ArgumentParser

@main
struct Foreshadow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "foreshadow",
        abstract: "Predicts from where each customer's data will be accessed, and moves it there in time.",
        discussion: """
            Foreshadow follows interaction events on Kafka, keeps an affinity vector for every customer, sees \
            trends over all of them, prepares shadow partitions where demand is going to be, and publishes the \
            commands that shift reads to them in safe steps.

            Try it:
              foreshadow demo                              a generated workload on an embedded Kafka
              foreshadow demo --input trace.csv.gz         the same with a trace of yours
              foreshadow evaluate --input trace.csv.gz     how well its accesses can be predicted
              foreshadow train --input trace.csv.gz --out m       a network for it, trained into a file
              foreshadow backtest --input trace.csv.gz     what placing data by that would have saved

            Run it:
              foreshadow topics apply --brokers HOST:9092  create the topics
              foreshadow run --config foreshadow.yaml      run the pipeline; start more of it to scale

            Exit codes: 0 done; 2 an input, option or configuration cannot be used; 3 the cluster cannot be \
            reached or refused; 4 done, and the result is bad; 64 the command line is wrong.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, RunCommand.self, ServeCommand.self, TopicsCommand.self, GenerateCommand.self,
            PublishCommand.self,
            ReplayCommand.self, TrainCommand.self, ModelsCommand.self, ShadowsCommand.self,
            EvaluateCommand.self,
            ForecastCommand.self,
            ExplainCommand.self,
            BacktestCommand.self, ScenariosCommand.self, WatchCommand.self,
            ProbeCommand.self,
            BrokerCommand.self,
            BenchCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            fail(error)
        }
    }

    /// Ends the process with the exit code of the failure and one line that says why.
    private static func fail(_ error: any Error) -> Never {
        guard let failure = CommandFailure(error) else { exit(withError: error) }
        Output.endProgress()
        Output.note("foreshadow: \(failure)")
        exit(withError: failure.exitCode)
    }
}
