/// A series' labels as the exposition writes them.
enum Labels {
    /// `a="1",b="2"`, by name. Of labels with one name the first counts.
    ///
    /// With `declared` names these are the labels, empty where no value is given: an empty label is the same to
    /// Prometheus as none.
    static func text(_ dimensions: [(String, String)], declared: [String]?, bytesMax: Int) -> String {
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = LabelName.sanitised(name)
            if let declared, !declared.contains(name) { continue }
            if values[name] == nil { values[name] = cut(value, to: bytesMax) }
        }
        for name in declared ?? [] where values[name] == nil { values[name] = "" }
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Escape.quoted($0.value))\"" }.joined(separator: ",")
    }

    private static func cut(_ value: String, to bytesMax: Int) -> String {
        var bytes = 0
        return value.utf8.count <= bytesMax
            ? value
            : String(
                value.prefix {
                    bytes += $0.utf8.count
                    return bytes <= bytesMax
                })
    }
}

/// The escapes of the text formats.
enum Escape {
    /// Backslash and line feed: help texts of the plain format.
    static func plain(_ text: String) -> String { escape(text, quotes: false) }

    /// Those and quotation marks: values of labels, and help texts of OpenMetrics.
    static func quoted(_ text: String) -> String { escape(text, quotes: true) }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
