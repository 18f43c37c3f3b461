internal import Contracts
internal import ForeshadowRouting
internal import Foundation
internal import Hummingbird
internal import Kafka
internal import Logging
internal import Monitoring
internal import Routing
internal import ServiceLifecycle

/// What the service is made of, but for the sockets.
final class OrchestratorParts: Sendable {
    let table: RoutingTable
    let live: LiveState
    let hub: EventHub
    let feed: RecordFeed
    let follower: TopicFollower
    let book: ExperimentBook
    let keeper: ExperimentKeeper
    private let trends: TrendBook
    let lookup: Lookup
    let sampler: DecisionSampler
    let publisher: RecordPublisher
    let flow: FlowWatch
    let overview: Overview
    let webhook: AlertWebhook?
    private let ownAlerts: OwnAlerts
    private let measurements: Measurements
    private let registry: PrometheusRegistry
    let quality = QualityBook()
    private let configuration: OrchestratorConfiguration
    private let topics: OrchestratorTopics

    init(
        _ client: ClientConfiguration, _ partitions: PartitionMap, _ topics: OrchestratorTopics,
        _ configuration: OrchestratorConfiguration, roundTrips: RoundTrips?, logger: Logger
    ) throws {
        self.configuration = configuration
        self.topics = topics
        table = RoutingTable(partitions, roundTrips: roundTrips)
        live = LiveState(partitions)
        hub = EventHub(listenersMax: configuration.subscribersMax, buffered: configuration.eventsBuffered)
        book = ExperimentBook(ExperimentRegister(configuration.weights))
        let trends = TrendBook()
        self.trends = trends
        let feed = RecordFeed(
            table, live, hub, book, trends, quality, eventTime: configuration.eventTime)
        self.feed = feed
        follower = TopicFollower(
            client, topics: feed.topics(topics), logger: logger,
            startOver: { [table, live, book, quality] in
                table.removeAll()
                live.removeAll()
                book.removeAll()
                trends.removeAll()
                quality.removeAll()
            }, apply: { feed.apply($0, $1) })
        publisher = RecordPublisher(client, waitingMax: configuration.publishQueueMax, logger: logger)
        keeper = ExperimentKeeper(book: book, publisher: publisher, topic: topics.experiments, logger: logger)
        lookup = Lookup(
            table, follower,
            RequestRouter(table, book.register, ExposureLog(publisher, topic: topics.exposures)),
            staleMilliseconds: configuration.staleMilliseconds)
        sampler = DecisionSampler(hub, perSecond: configuration.decisionEventsPerSecond, lookup.names)
        let steps = topics.flow.map { FlowStep(topic: $0.topic, consumer: $0.consumer, group: $0.group) }
        flow = FlowWatch(client, steps, logger: logger)
        overview = Overview(lookup, live, flow, follower, book, instance: configuration.instance)
        ownAlerts = OwnAlerts(
            partitions, flow, book, live, publisher, configuration.alerts, topic: topics.alerts)
        webhook = try configuration.alertWebhook.map { [live] url in
            try AlertWebhook(url: url, repeatSeconds: configuration.alertRepeatSeconds, live, logger)
        }
        registry = try PrometheusRegistry(declared: MetricCatalogue.all)
        measurements = Measurements(
            registry, lookup, live, flow, follower, hub, book, quality, publisher,
            outputs: [topics.experiments, topics.exposures, topics.outcomes, topics.orders, topics.alerts],
            deadLetters: topics.deadLetters)
    }

    /// The whole interface.
    func router() -> Hummingbird.Router<OrchestratorContext> {
        let router = Hummingbird.Router(
            context: OrchestratorContext.self, options: .autoGenerateHeadEndpoints)
        // Outside of it, so that problems are counted as what they are answered with.
        router.add(middleware: RequestMetrics(registry))
        router.add(middleware: ProblemMiddleware())
        // Before rates are limited: a scheduler that is refused would end the process.
        HealthRoutes(follower: follower, measurements: measurements).add(to: router)
        if configuration.clientRateMax > 0 {
            router.add(
                middleware: RateMiddleware(
                    rate: configuration.clientRateMax, clientsMax: configuration.clientsMax))
        }
        PageRoutes(partitions: table.partitions.names).add(to: router)
        let readers = router.group()
        if !configuration.tokens.isEmpty {
            readers.add(middleware: AccessMiddleware(tokens: configuration.tokens, needed: .read))
        }
        LookupRoutes(
            lookup: lookup, configuration: configuration, sampler: sampler, measurements: measurements
        ).add(to: readers)
        TrendRoutes(trends: trends, live: live, lookup: lookup).add(to: readers)
        LiveRoutes(overview: overview, live: live, lookup: lookup, hub: hub).add(to: readers)
        let operating = AccessMiddleware<OrchestratorContext>(tokens: configuration.tokens, needed: .operate)
        ExperimentRoutes(book: book, keeper: keeper, configuration: configuration)
            .add(to: readers, operators: operating)
        let operators = router.group().add(middleware: operating)
        ReportRoutes(
            publisher: publisher, live: live, lookup: lookup, configuration: configuration,
            outcomesTopic: topics.outcomes, ordersTopic: topics.orders
        ).add(to: operators)
        return router
    }

    /// Every second, what is to be seen.
    func tick() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                self.sampler.refill()
                let now = EventTime(Date().timeIntervalSince1970 * 1_000)
                // Of half of the records, an experiment would be judged wrongly.
                if self.follower.status.isCaughtUp { self.tickExperiments(now: now) }
                self.tickAlerts(now: now)
                self.hub.send("overview", self.overview.refresh())
            }
        }
    }

    /// Lets the experiment that runs go on by itself, and the one of the configuration start.
    func tickExperiments(now: EventTime) {
        // Before everything is known, what runs may not be.
        if let configured = configuration.experiment, follower.status.isCaughtUp {
            keeper.start(configured, now: now)
        }
        keeper.tick(now: now)
    }

    /// Looks at what only a service sees.
    func tickAlerts(now: EventTime) { ownAlerts.tick(now: now) }

    func stop() {
        hub.close()
        follower.stop()
        publisher.stop()
        flow.stop()
    }
}
