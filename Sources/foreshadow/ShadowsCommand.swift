import ArgumentParser
import Contracts
import Foundation
import Kafka

struct ShadowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadows",
        abstract: "List the shadows, and order what the planner does not do by itself.",
        discussion: """
            A shadow is named by the partitions it is from and in. An order goes to the topic shadow-orders and \
            counts into the next window that is planned; the command it leads to says by whom it was given and \
            why. An order that does not fit the shadow then goes to the dead letters, with the reason.

              foreshadow shadows list --config foreshadow.yaml
              foreshadow shadows show us-east eu-west
              foreshadow shadows pause us-east eu-west --reason "maintenance until noon"
              foreshadow shadows roll-back us-east eu-west --reason "complaints from Lyon"

            See docs/safety.md.
            """,
        subcommands: [
            List.self, Show.self, Pause.self, Resume.self, Promote.self, RollBack.self, Pin.self, Unpin.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the shadows as the newest command of each has them.",
            discussion: """
                A line a shadow: phase, share of its cohort's customers that read from the target, cohort, epoch \
                and the end of the window that led there. With planner.dryRun: true, what the dry run has decided.
                """)
        @OptionGroup var cluster: ClusterOptions
        @Flag(help: "Retired shadows, too.") var all = false
        @Flag(help: "One command, as it is in the topic, a line.") var json = false

        func run() async throws {
            let shadows = try await ShadowTopics.read(try await cluster.settings())
            for shadow in shadows where all || shadow.command.phase != .retired {
                Output.line(json ? shadow.json : shadow.line)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell why a shadow is where it is: figures, thresholds, and the order if there was one."
        )
        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var name: ShadowName
        @Flag(help: "The command as it is in the topic.") var json = false

        func run() async throws {
            let shadows = try await ShadowTopics.read(try await cluster.settings())
            let shadow = try name.find(in: shadows)
            Output.line(json ? shadow.json : shadow.text)
        }
    }

    struct Pause: OrderCommand {
        static let kind = OrderKind.pause
        static let configuration = CommandConfiguration(
            abstract: "Let it take no step by itself. A breached guard still takes it back.")
        @OptionGroup var options: OrderOptions
    }

    struct Resume: OrderCommand {
        static let kind = OrderKind.resume
        static let configuration = CommandConfiguration(abstract: "End a pause.")
        @OptionGroup var options: OrderOptions
    }

    struct Promote: OrderCommand {
        static let kind = OrderKind.promote
        static let configuration = CommandConfiguration(
            abstract: "Let the target serve all of the cohort's reads now.",
            discussion: """
                Only a shadow that is dual-writing or ramping, and only if the telemetry of source and target is \
                good in the window into which the order counts.
                """)
        @OptionGroup var options: OrderOptions
    }

    struct RollBack: OrderCommand {
        static let kind = OrderKind.rollBack
        static let configuration = CommandConfiguration(
            commandName: OrderKind.rollBack.rawValue,
            abstract: "Take the reads back to the source and retire it, from every phase.")
        @OptionGroup var options: OrderOptions
    }

    struct Pin: OrderCommand {
        static let kind = OrderKind.pin
        static let configuration = CommandConfiguration(
            abstract: "Keep it when demand falls. Guards and a roll-back by order still end it.")
        @OptionGroup var options: OrderOptions
    }

    struct Unpin: OrderCommand {
        static let kind = OrderKind.unpin
        static let configuration = CommandConfiguration(
            abstract: "Let it end when demand falls, as others do.")
        @OptionGroup var options: OrderOptions
    }
}

/// Which shadow is meant.
struct ShadowName: ParsableArguments {
    @Argument(help: "The partition the cohort's data is in.") var source: String
    @Argument(help: "The partition the shadow is in.") var target: String

    func find(in shadows: [ListedShadow]) throws -> ListedShadow {
        let name = "\(source)>\(target)"
        if let found = shadows.first(where: { $0.name == name }) { return found }
        let known =
            shadows.isEmpty ? "there are none" : "there are: \(shadows.map(\.name).joined(separator: ", "))"
        throw CommandFailure.input("no shadow \(name); \(known)")
    }
}

/// What every order needs.
struct OrderOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var name: ShadowName
    @Option(help: "Why; stands in the command that follows.") var reason: String
    @Option(help: "Who gives the order. Default: the user's name.")
    var by = NSUserName()
}

/// A subcommand that gives one kind of order.
protocol OrderCommand: AsyncParsableCommand {
    static var kind: OrderKind { get }
    var options: OrderOptions { get }
}

extension OrderCommand {
    func run() async throws {
        let settings = try await options.cluster.settings()
        let shadow = try options.name.find(in: try await ShadowTopics.read(settings))
        let order = ShadowOrder(
            id: UUID().uuidString.lowercased(), time: Int64(Date().timeIntervalSince1970 * 1_000),
            kind: Self.kind, source: shadow.command.source, target: shadow.command.target, by: options.by,
            reason: options.reason)
        try await ShadowTopics.send(order, settings)
        Output.line(
            "ordered \(Self.kind.rawValue) of \(shadow.name), which is \(shadow.state): order \(order.id)")
    }
}
