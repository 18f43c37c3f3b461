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
            """)

    @OptionGroup var cluster: ClusterOptions
    @Argument(help: "The file, or - for standard input.") var file: String
    @Option(help: "Publish into this topic.") var topic = TopicName.interactions
    @Option(help: "Events a second.") var rate: Double?
    @Option(help: "Multiple of event time.") var speed: Double?
    @Option(help: "Publish at most this many events.") var events: Int?
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
        let publisher = try Publisher(client, topics: [topic], logger: logger)
        var pace = Pace(rule)
        while publisher.totals.records < events ?? .max, let record = try reader.next() {
            try pace.wait(for: record.time) { () throws(KafkaError) in try publisher.send() }
            try publisher.publish(record)
            let count = publisher.totals.records
            if count.isMultiple(of: 2_000) {
                Output.progress("\(Output.bar(reader.fraction ?? 0)) \(count) events")
            }
        }
        if complete, let last = publisher.totals.last {
            let topics = try Admin(client, logger: logger).topics()
            let count = topics.first { $0.name == topic }?.topicPartitions ?? 0
            try publisher.mark(completeThrough: last + 1, topic: 0, topicPartitions: count)
        }
        try publisher.finish()
        return publisher.totals
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
