import ArgumentParser
import Evaluation
import Forecasting

struct ForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Score forecasts of how many accesses each region or domain will see, on a trace.",
        discussion: """
            Counts a trace by region or domain and window, and goes through the windows in the order of time: \
            each count is forecast, then scored, then learned from. The combination is compared with each of its \
            models alone and with the seasonal naives of a day and a week. The first week is not scored.

              foreshadow forecast --input F.csv.gz
              foreshadow generate | foreshadow forecast --input -
              foreshadow forecast --input F.csv.gz --target domain --window 15m --horizon 4
              foreshadow forecast --input F.csv.gz --json | jq '.overall[0]'
            """)

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case region, domain
    }

    @Option(help: "The trace: CSV or JSON Lines, gzip or not; - for standard input.")
    var input: String
    @Option(help: "What to count by.") var target = Target.region
    @Option(help: "The length of a window, such as 15m, 1h or 1d.") var window = WindowLength(
        millis: 3_600_000)
    @Option(help: "How many windows ahead to forecast.") var horizon = 1
    @Flag(help: "One JSON object instead of tables.") var json = false
    @Option(help: "The most regions told apart; rarer ones are 'other'.") var maxRegions = 24
    @Option(help: "The most domains told apart.") var maxDomains = 12

    func validate() throws {
        for (name, limit) in [("--max-regions", maxRegions), ("--max-domains", maxDomains)]
        where !(2...65_535).contains(limit) { throw ValidationError("\(name) must be 2 to 65535") }
        do {
            try forecasting.validate()
        } catch { throw ValidationError("\(error)") }
    }

    private var forecasting: ForecastConfiguration {
        var configuration = ForecastConfiguration()
        configuration.windowMillis = window.millis
        configuration.horizons = [horizon]
        return configuration
    }

    func run() async throws {
        var limits = ClassLimits()
        limits.regions = maxRegions
        limits.domains = maxDomains
        let trace = try EvaluationTrace(
            path: input, target: target == .region ? .region : .domain, limits: limits, sorting: true,
            progress: { Output.progress("\(Output.bar($0)) reading") })
        Output.endProgress()
        if trace.unreadable > 0 {
            Output.note("\(trace.unreadable) lines without customer, time or region were left out")
        }
        let trial = ForecastTrial(forecasting)
        let counts = try WindowCounts(trace, windowMillis: window.millis, atLeast: trial.windowsNeeded)
        let report = trial.run(counts, progress: { Output.progress("\(Output.bar($0)) forecasting") })
        Output.endProgress()
        Output.line(json ? try Output.json(report) : "\(report)")
    }
}

/// A length of time such as 90s, 15m, 1h or 1d.
struct WindowLength: ExpressibleByArgument, CustomStringConvertible, Equatable {
    var millis: Int64

    init(millis: Int64) { self.millis = millis }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()),
            (1...1_000_000).contains(count)
        else { return nil }
        millis = count * unit
    }

    var description: String {
        for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)] as [(String, Int64)]
        where millis % length == 0 { return "\(millis / length)\(unit)" }
        return "\(millis / 1_000)s"
    }

    var defaultValueDescription: String { description }
}
