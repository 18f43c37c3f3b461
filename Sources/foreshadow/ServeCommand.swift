import ArgumentParser
import Kafka
import Logging
import Orchestrator
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer which partition a customer belongs to, and show what is going on.",
        discussion: """
            Follows affinity-vectors, customers, partition-commands and partition-telemetry, holds what they say in \
            memory and answers over HTTP: ready once it has caught up, and from memory ever after, whatever becomes \
            of the cluster. Start as many as you like: each holds everything.

              foreshadow serve --config foreshadow.yaml
              curl http://127.0.0.1:8080/v1/customers/c-4711/partition
              open http://127.0.0.1:8080/                    the dashboard
              curl http://127.0.0.1:8080/openapi.yaml        the interface

            SIGTERM, SIGINT (Ctrl-C) or SIGHUP ends it; started with nohup it does not mind a SIGHUP.

            It listens on this machine only, unless serve.host says otherwise; then serve.tokens are needed.
            """)

    @OptionGroup var cluster: ClusterOptions
    @Option(help: "The address to listen on, over the configured one.") var host: String?
    @Option(help: "The port to listen on, over the configured one; 0: any that is free.") var port: Int?

    func run() async throws {
        var settings = try await cluster.settings()
        if settings.client.brokers.isEmpty { _ = try await cluster.client() }
        if let host { settings.serve.host = host }
        if let port { settings.serve.port = port }
        if CommandLog.level > .info { CommandLog.level = .info }
        let logger = CommandLog.logger("serve")
        let service = try settings.orchestrator(logger)
        var group = ServiceGroupConfiguration(
            services: [service, StopDeadline()], gracefulShutdownSignals: StopSignals.all, logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
    }
}
