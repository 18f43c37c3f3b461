import Configuration
import Contracts
import Foundation
import Kafka
import Logging
import Orchestrator
import Pipeline
import Routing
import Streams

extension Settings {
    /// Takes what a configuration says of the orchestration service; what it does not say stays.
    mutating func readServe(_ reader: ConfigReader) throws {
        let serving = reader.scoped(to: "serve")
        serve.host = serving.string(forKey: "host", default: serve.host)
        readNumber(serving, "port", &serve.port)
        serve.instance = serving.string(forKey: "instance", default: ProcessInfo.processInfo.hostName)
        serve.certificate = serving.string(forKey: "certificate")
        serve.privateKey = serving.string(forKey: "privateKey")
        for pair in serving.stringArray(forKey: "tokens", isSecret: true, default: []) {
            let (role, token) = try Self.role(pair)
            serve.tokens[token] = role
        }
        serve.allowAnonymous = serving.bool(forKey: "allowAnonymous", default: serve.allowAnonymous)
        readNumber(serving, "bodyBytesMax", &serve.bodyBytesMax)
        readNumber(serving, "batchMax", &serve.batchMax)
        readNumber(serving, "connectionsMax", &serve.connectionsMax)
        readNumber(serving, "clientRateMax", &serve.clientRateMax)
        readNumber(serving, "clientsMax", &serve.clientsMax)
        readNumber(serving, "subscribersMax", &serve.subscribersMax)
        readNumber(serving, "eventsBuffered", &serve.eventsBuffered)
        readNumber(serving, "decisionEventsPerSecond", &serve.decisionEventsPerSecond)
        readNumber(serving, "publishQueueMax", &serve.publishQueueMax)
        readNumber(serving, "staleMilliseconds", &serve.staleMilliseconds)
        serve.alertWebhook = serving.string(forKey: "alertWebhook")
        readNumber(serving, "alertRepeatSeconds", &serve.alertRepeatSeconds)
        let routing = reader.scoped(to: "routing")
        serve.weights.read(routing.scoped(to: "weights"))
        roundTripsFile = routing.string(forKey: "roundTrips")
        experimentFile = routing.string(forKey: "experiment")
    }

    /// `role=token`. The token is not quoted in what goes wrong.
    private static func role(_ text: String) throws -> (OrchestratorConfiguration.Role, String) {
        let cut = text.firstIndex(of: "=") ?? text.startIndex
        guard let role = OrchestratorConfiguration.Role(rawValue: String(text[..<cut])) else {
            throw CommandFailure.input("serve.tokens: each is read=TOKEN or operate=TOKEN")
        }
        return (role, String(text[text.index(after: cut)...]))
    }

    /// The experiment that the service starts, if a file has one.
    func experiment() throws -> ConfiguredExperiment? {
        guard let experimentFile else { return nil }
        do {
            return try ConfiguredExperiment(try Data(contentsOf: URL(fileURLWithPath: experimentFile)))
        } catch let error as ConfiguredExperiment.Failure {
            throw CommandFailure.input("routing.experiment: cannot use '\(experimentFile)': \(error)")
        } catch {
            throw CommandFailure.input(
                "routing.experiment: cannot read '\(experimentFile)': \(error.localizedDescription)")
        }
    }

    /// The round-trip times between the configured partitions, if a file has them.
    func roundTrips() throws -> RoundTrips? {
        guard let roundTripsFile else { return nil }
        do {
            let text = try String(contentsOfFile: roundTripsFile, encoding: .utf8)
            return try RoundTrips(text, names: partitions)
        } catch {
            throw CommandFailure.input("routing.roundTrips: cannot use '\(roundTripsFile)': \(error)")
        }
    }

    /// The defaults, on a cluster, for these partitions.
    static func demo(_ client: ClientConfiguration, _ partitions: [String], groupPrefix: String) -> Settings {
        var settings = Settings()
        settings.client = client
        settings.partitions = partitions
        settings.streams.groupPrefix = groupPrefix
        return settings
    }

    /// The orchestration service.
    func orchestrator(_ logger: Logger) throws -> Orchestrator {
        do {
            try serve.validate()
        } catch {
            throw CommandFailure.input("configuration: \(error)")
        }
        var serve = serve
        serve.experiment = try experiment()
        return try Orchestrator(
            client, try partitionMap(), orchestratorTopics(), serve, roundTrips: try roundTrips(),
            logger: logger)
    }

    /// The topics of the orchestration service.
    func orchestratorTopics() -> OrchestratorTopics {
        func name(_ topic: String) -> String { topics.name(topic) }
        func group(_ stage: String) -> String { streams.groupPrefix + stage }
        return OrchestratorTopics(
            routing: [
                TopicName.affinityVectors, TopicName.customers, TopicName.partitionCommands,
                TopicName.partitionTelemetry,
            ].map(name),
            alerts: name(TopicName.alerts), experiments: name(TopicName.routingExperiments),
            exposures: name(TopicName.routingExposures), outcomes: name(TopicName.routingOutcomes),
            trends: name(TopicName.partitionTrends), forecasts: name(TopicName.partitionForecasts),
            quality: name(TopicName.modelQuality), deadLetters: name(TopicName.deadLetters),
            orders: name(TopicName.shadowOrders),
            flow: [
                (name(TopicName.interactions), "updater", group("updater")),
                (name(TopicName.affinityVectors), "trends", group("trends")),
                (name(TopicName.partitionTrends), "planner", group(topics.plannerStage)),
                (name(TopicName.partitionCommands), "orchestrator", nil),
                (name(TopicName.deadLetters), "operators", nil),
            ])
    }
}

extension RoutingWeights {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "home", &home)
        readNumber(reader, "affinity", &affinity)
        readNumber(reader, "proximity", &proximity)
        readNumber(reader, "load", &load)
        readNumber(reader, "shadow", &shadow)
        readNumber(reader, "tieMargin", &tieMargin)
        readNumber(reader, "loadSlack", &loadSlack)
    }
}
