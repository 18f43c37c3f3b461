import ArgumentParser
import Contracts
import Kafka
import Workload

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a trace into the topic interactions.",
        discussion: """
            Reads CSV (a header names the columns: customer, ts or time, region; optional domain, kind, bytes, \
            product, op, id) or JSON Lines (one interaction a line, passed on as it is), gzip or not, - for \
            standard input.

              foreshadow publish trace.csv.gz --brokers localhost:9092
              foreshadow publish trace.csv.gz --rate 5000          5,000 events a second
              foreshadow publish trace.csv.gz --speed 3600         an hour of the trace in a second

            While the cluster is away it waits, and goes on where it was: every event comes once, in its order. When \
            nothing was acknowledged for --give-up-after seconds it exits with 3 and says how to go on with --skip. \
            Events that were under way then may come twice; interactions with an id count once all the same.
            """)

    @OptionGroup var cluster: ClusterOptions
    @Argument(help: "The file, or - for standard input.") var file: String
    @Option(help: "Publish into this topic.") var topic = TopicName.interactions
    @Option(help: "Events a second.") var rate: Double?
    @Option(help: "Multiple of event time.") var speed: Double?
    @Option(help: "Publish at most this many events.") var events: Int?
    @Option(help: "Leave out the first events of the file: they are published already.") var skip = 0
    @Option(help: "Give up when the cluster has acknowledged nothing for so many seconds.")
    var giveUpAfter = 300.0
    @Flag(
        help: """
            Say at the end that nothing will follow, so that the last windows close: only for a trace that is \
            all there is.
            """)
    var complete = false
    @Flag(help: "Print the totals as JSON.") var json = false

    func validate() throws {
        if rate != nil && speed != nil { throw ValidationError("--rate and --speed exclude each other") }
        if let rate, rate <= 0 { throw ValidationError("--rate must be above 0") }
        if let speed, speed <= 0 { throw ValidationError("--speed must be above 0") }
        if skip < 0 { throw ValidationError("--skip must not be below 0") }
        // Bounded, so that it fits a Duration.
        if !(giveUpAfter > 0 && giveUpAfter <= 1e9) {
            throw ValidationError("--give-up-after must be above 0 and at most 1e9")
        }
    }

    func run() async throws {
        let client = try await cluster.client()
        let command = self
        let seconds = try await DedicatedThread.run(named: "publish") {
            let start = ContinuousClock.now
            let totals = try command.publish(client)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            return Report(events: totals.records, bytes: totals.bytes, seconds: seconds)
        }
        Output.endProgress()
        Output.line(try json ? Output.json(seconds) : seconds.text)
    }

    private func publish(_ client: ClientConfiguration) throws -> Publisher.Totals {
        var reader = try TraceReader(path: file)
        let logger = CommandLog.logger("publish")
        let publisher = try Publisher(client, topics: [topic], patience: patience(), logger: logger)
        do {
            try publish(&reader, publisher)
            if complete, let last = publisher.totals.last {
                let topics = try Admin(client, logger: logger).topics()
                let count = topics.first { $0.name == topic }?.topicPartitions ?? 0
                try publisher.mark(completeThrough: last + 1, topic: 0, topicPartitions: count)
            }
            try publisher.finish()
        } catch let error as KafkaError {
            throw failure(error, publisher)
        }
        return publisher.totals
    }

    private func publish(_ reader: inout TraceReader, _ publisher: Publisher) throws {
        for _ in 0..<skip {
            guard let record = try reader.next() else { return }
            publisher.pass(record)
        }
        var pace = Pace(rule)
        while publisher.totals.records < events ?? .max, let record = try reader.next() {
            try pace.wait(for: record.time) { () throws(KafkaError) in try publisher.send() }
            try publisher.publish(record)
            let count = publisher.totals.records
            if count.isMultiple(of: 2_000) {
                Output.progress("\(Output.bar(reader.fraction ?? 0)) \(count) events")
            }
        }
    }

    /// Says that the cluster is away: on a terminal all the time, elsewhere once in a while.
    private func patience() -> Publisher.Patience {
        var said: ContinuousClock.Instant?
        let limit = Duration.seconds(giveUpAfter)
        return Publisher.Patience(limit: limit) { records, silence in
            let left = Int(((limit - silence) / .seconds(1)).rounded(.up))
            let text =
                "waiting for the cluster: \(records) events are not acknowledged; gives up in \(left) s"
            Output.progress(text)
            if Output.isTerminal || said.map({ ContinuousClock.now - $0 < .seconds(30) }) ?? false { return }
            said = .now
            Output.note("foreshadow: \(text)")
        }
    }

    /// What an error means to the user: how far it came, and how to go on.
    private func failure(_ error: KafkaError, _ publisher: Publisher) -> CommandFailure {
        let given = publisher.totals.records
        let done = min(publisher.acknowledgedInOrder, given)
        let twice = min(publisher.giveUp(), given - done)
        var options = "--skip \(skip + done)"
        if let events { options += " --events \(events - done)" }
        let text = """
            \(error). The first \(skip + done) events of '\(file)' are in '\(topic)'. The same command with \(options) \
            goes on there; \(twice) of the events behind are in the topic already, or may be, and come again
            """
        return error.remedy == .fix ? .input(text) : .cluster(text)
    }

    private var rule: Pace.Rule {
        if let rate { return .recordsPerSecond(rate) }
        if let speed { return .timesEventTime(speed) }
        return .unlimited
    }

    struct Report: Codable {
        var events: Int
        var bytes: Int
        var seconds: Double

        var text: String {
            "published \(events) events, \(bytes) bytes, in \((seconds * 10).rounded() / 10) s"
        }
    }
}
