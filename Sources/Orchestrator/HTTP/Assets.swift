internal import Contracts

/// Files that are part of the program.
enum Assets {
    /// The dashboard's files by name.
    static let dashboard: [String: [UInt8]] = [
        "alerts.js": PackageResources.alerts_js,
        "api.js": PackageResources.api_js,
        "cards.css": PackageResources.cards_css,
        "cells.js": PackageResources.cells_js,
        "charts.css": PackageResources.charts_css,
        "charts.js": PackageResources.charts_js,
        "dashboard.css": PackageResources.dashboard_css,
        "elements.js": PackageResources.elements_js,
        "events.js": PackageResources.events_js,
        "experiments.js": PackageResources.experiments_js,
        "explain.js": PackageResources.explain_js,
        "flow.css": PackageResources.flow_css,
        "flow.js": PackageResources.flow_js,
        "format.js": PackageResources.format_js,
        "header.css": PackageResources.header_css,
        "header.js": PackageResources.header_js,
        "index.html": PackageResources.index_html,
        "lookup.js": PackageResources.lookup_js,
        "main.js": PackageResources.main_js,
        "matrix.css": PackageResources.matrix_css,
        "matrix.js": PackageResources.matrix_js,
        "partitions.js": PackageResources.partitions_js,
        "phases.js": PackageResources.phases_js,
        "rail.css": PackageResources.rail_css,
        "shadows.js": PackageResources.shadows_js,
        "tables.css": PackageResources.tables_css,
        "tail.js": PackageResources.tail_js,
        "theme.css": PackageResources.theme_css,
        "theme.js": PackageResources.theme_js,
    ]

    /// The OpenAPI document, with the configured partitions where it says which ones there are.
    static func openAPI(partitions: [String]) -> String {
        var names = JSONWriter()
        names.list(partitions) { $0.string($1) }
        return String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
            .replacing("[PARTITIONS]", with: String(decoding: names.bytes, as: UTF8.self))
    }
}
