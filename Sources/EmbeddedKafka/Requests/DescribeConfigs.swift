internal import SimulatedKafka

/// What has settings, with the protocol's numbers.
enum ConfigResource {
    static let topic: Int8 = 2
    static let broker: Int8 = 4
}

/// Where a setting's value comes from, with the protocol's numbers.
enum ConfigSource {
    static let topic: Int8 = 1
    static let standard: Int8 = 5

    static func of(_ entry: TopicSettings.Entry) -> Int8 { entry.isDefault ? standard : topic }
}

/// DescribeConfigs: the settings of topics. The broker's own are none of a client's business.
struct DescribeConfigsRequest: Request {
    static let key: Int16 = 32
    static let versions: ClosedRange<Int16> = 0...4
    static let firstFlexible: Int16? = 4

    private let resources: [(type: Int8, name: String, names: [String]?)]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        resources = try reader.structs { reader throws(WireError) in
            let type = try reader.int8()
            let name = try reader.string()
            return (
                type: type, name: name,
                names: try reader.nullableArray { reader throws(WireError) in try reader.string() }
            )
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(resources) { out, resource in
            var error: ErrorCode?
            var entries: [TopicSettings.Entry] = []
            switch resource.type {
            case ConfigResource.topic:
                if let settings = call.model.settings(of: resource.name) {
                    entries = settings.entries.filter { resource.names?.contains($0.name) ?? true }
                } else {
                    error = .unknownTopicOrPartition
                }
            case ConfigResource.broker: break
            default: error = .invalidRequest
            }
            out.error(error)
            out.string(nil)
            out.int8(resource.type)
            out.string(resource.name)
            out.structs(entries) { out, entry in Self.write(entry, call.version, into: &out) }
        }
        out.tags()
        return true
    }

    private static func write(_ entry: TopicSettings.Entry, _ version: Int16, into out: inout WireWriter) {
        out.string(entry.name)
        out.string(entry.value)
        out.bool(false)
        if version == 0 { out.bool(entry.isDefault) } else { out.int8(ConfigSource.of(entry)) }
        out.bool(false)
        if version >= 1 { out.structs([]) { (_: inout WireWriter, _: Int) in } }
        if version >= 3 {
            out.int8(entry.kind.rawValue)
            out.string(nil)
        }
    }
}
