import Contracts
import Kafka
import Workload

/// What a demo plays: a file, or the generated workload.
struct DemoSource: Sendable {
    enum Kind: Sendable {
        case file(String)
        case generated(Generator)
    }

    var kind: Kind
    /// The regions that occur, which the demo makes its partitions.
    var regions: [String]
    /// How many events there are, as far as is known before they are read.
    var expectedEvents: Int
    /// How long a window is, so that there are neither too few nor too many.
    var windowMillis: Int64
    /// What is true of a generated workload.
    var truth: GroundTruth?

    /// Reads a file once to see what is in it.
    init(file: String, events: Int?) throws(TraceFailure) {
        let survey = try TraceSurvey(TraceReader(path: file)) { fraction in
            Output.progress("reading \(file) \(Output.bar(fraction))")
        }
        Output.endProgress()
        kind = .file(file)
        regions = survey.regions.map(\.region)
        expectedEvents = min(events ?? .max, Int(survey.events + survey.unreadable))
        windowMillis = Self.window(from: survey.first ?? 0, to: survey.last ?? 0)
    }

    /// Plays a generated workload.
    init(generator: Generator, events: Int?) {
        kind = .generated(generator)
        let configuration = generator.configuration
        regions = configuration.regions.map(\.name)
        let mean = Double(configuration.customers * configuration.days) * configuration.accessesPerDay
        expectedEvents = min(events ?? .max, Int(mean))
        windowMillis = Self.window(from: configuration.start, to: configuration.end)
        truth = generator.truth
    }

    /// An hour, or the shortest round length that cuts the time into at most 2,000 windows.
    static func window(from first: EventTime, to last: EventTime) -> Int64 {
        let hour: Int64 = 3_600_000
        let lengths = [1, 2, 3, 6, 12, 24, 48, 168].map { Int64($0) * hour }
        return lengths.first { (last - first) / $0 <= 2_000 } ?? 672 * hour
    }

    /// Calls `body` with every record, in order.
    func forEach(limit: Int?, _ body: (TraceRecord) throws -> Void) throws {
        var count = 0
        switch kind {
        case .file(let path):
            var reader = try TraceReader(path: path)
            while count < limit ?? .max, let record = try reader.next() {
                count += 1
                try body(record)
            }
        case .generated(let generator):
            for event in generator.prefix(limit ?? .max) {
                count += 1
                try body(TraceRecord(event, line: count))
            }
        }
    }
}
