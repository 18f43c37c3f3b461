import Foundation
import Monitoring
import Testing

/// What lies under `deploy` fits the metrics there are.
@Suite struct DeployTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy")
    static let files = ["prometheus/foreshadow.rules.yml", "grafana/foreshadow.json"]

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    /// Every name in a text that could be one of our metrics'.
    private static func names(_ text: String) -> Set<String> {
        Set(
            text.matches(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/).map { String($0.output) }.filter {
                $0.contains("foreshadow_")
            })
    }

    private static func recorded() throws -> Set<String> {
        Set(try text(files[0]).matches(of: /- record: (\S+)/).map { String($0.output.1) })
    }

    /// The names that queries may use.
    private static let queried: Set<String> = {
        var names: Set = ["foreshadow_metrics_series_dropped_total"]
        for definition in MetricCatalogue.all {
            let suffixes = definition.kind == .histogram ? ["_bucket", "_sum", "_count"] : [""]
            names.formUnion(suffixes.map { definition.name + $0 })
        }
        return names
    }()

    @Test(arguments: files)
    func `every metric named is in the catalogue or recorded by a rule`(file: String) throws {
        let names = Self.names(try Self.text(file))
        #expect(names.count > 20)
        #expect(names.subtracting(Self.queried).subtracting(try Self.recorded()) == [])
    }

    @Test func `every metric of the catalogue, and every record, is used`() throws {
        let used = try Self.files.reduce(into: Set<String>()) { $0.formUnion(Self.names(try Self.text($1))) }
        let unused = MetricCatalogue.all.filter { definition in
            !used.contains { $0 == definition.name || $0.hasPrefix(definition.name + "_") }
        }
        #expect(unused.map(\.name) == [])
        #expect(try Self.recorded().subtracting(used) == [])
    }

    @Test func `the dashboard's panels have queries, the data source that is chosen, and room of their own`()
        throws
    {
        let data = try Data(contentsOf: Self.folder.appending(path: Self.files[1]))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect((dashboard["schemaVersion"] as? Int ?? 0) >= 36)
        let all = try #require(dashboard["panels"] as? [[String: Any]])
        let panels = all.filter { $0["type"] as? String != "row" }
        #expect(panels.count > 20)
        #expect(Set(all.compactMap { $0["id"] as? Int }).count == all.count)
        var taken = Set<[Int]>()
        for panel in panels {
            let title = try #require(panel["title"] as? String)
            #expect((panel["datasource"] as? [String: String])?["uid"] == "${datasource}", "\(title)")
            let targets = try #require(panel["targets"] as? [[String: Any]])
            #expect(!targets.isEmpty && targets.allSatisfy { $0["expr"] as? String != "" }, "\(title)")
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y, w, h) = try (
                #require(place["x"]), #require(place["y"]), #require(place["w"]), #require(place["h"])
            )
            #expect(x + w <= 24, "\(title)")
            for column in x..<x + w {
                for row in y..<y + h { #expect(taken.insert([column, row]).inserted, "\(title) overlaps") }
            }
        }
    }

    @Test(
        .enabled(if: Promtool.isThere, "\(Promtool.whyNot)"),
        arguments: [
            ["check", "rules", "foreshadow.rules.yml"], ["check", "config", "prometheus.yml"],
        ])
    func `promtool takes the rules and the example`(arguments: [String]) throws {
        let (status, said) = try Promtool.run(
            arguments, in: Self.folder.appending(path: "prometheus"))
        #expect(status == 0, "\(said)")
    }

    @Test(.enabled(if: Promtool.isThere, "\(Promtool.whyNot)"))
    func `promtool can parse every query of the dashboard`() throws {
        let data = try Data(contentsOf: Self.folder.appending(path: Self.files[1]))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap {
            $0["expr"] as? String
        }
        let rules = queries.enumerated().map { number, query in
            let plain = query.replacingOccurrences(of: "$__rate_interval", with: "5m")
            return "  - record: query:\(number)\n    expr: '\(plain)'\n"
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "queries-\(UUID().uuidString).yml")
        try Data("groups:\n- name: queries\n  rules:\n\(rules.joined())".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (status, said) = try Promtool.run(["check", "rules", file.path()])
        #expect(status == 0, "\(said)")
        #expect(said.contains("\(queries.count) rules found"), "\(said)")
    }
}
