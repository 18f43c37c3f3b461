/// How metrics are written for whoever scrapes them.
public enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus' text format 0.0.4.
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// The value of the header Content-Type.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What the header Accept asks for: OpenMetrics if version 1 of it is named and not less welcome than plain
    /// text (RFC 9110, section 12.5.1), else text.
    public init(accept: String?) {
        var (open, plain) = (0.0, 0.0)
        for range in (accept ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { Self.trimmed($0).lowercased() }
            let quality = Self.value(of: "q", in: parts).flatMap(Double.init) ?? 1
            switch parts.first {
            case "application/openmetrics-text":
                let version = Self.value(of: "version", in: parts) ?? "1"
                if version == "1" || version.hasPrefix("1.") { open = max(open, quality) }
            case "text/plain": plain = max(plain, quality)
            default: break
            }
        }
        self = open > 0 && open >= plain ? .openMetrics : .text
    }

    /// The value of the first parameter of that name.
    private static func value(of name: String, in parts: [String]) -> String? {
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(trimmed)
            if pair.count == 2, pair[0] == name { return pair[1].filter { $0 != "\"" } }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
