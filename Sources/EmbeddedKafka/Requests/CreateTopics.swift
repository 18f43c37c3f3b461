internal import SimulatedKafka

/// CreateTopics.
struct CreateTopicsRequest: Request {
    static let key: Int16 = 19
    static let versions: ClosedRange<Int16> = 0...7
    static let firstFlexible: Int16? = 5

    private struct Topic {
        var name: String
        var count: Int32
        var replicas: Int16
        var settings: [String: String]
    }

    private let topics: [Topic]
    private let isTrial: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        topics = try reader.structs { reader throws(WireError) in
            let name = try reader.string()
            let count = try reader.int32()
            let replicas = try reader.int16()
            let assignments = try reader.structs { reader throws(WireError) in
                _ = try reader.int32()
                return try reader.array { reader throws(WireError) in try reader.int32() }.count
            }
            let settings = try reader.settings()
            return Topic(
                name: name, count: assignments.isEmpty ? count : Int32(clamping: assignments.count),
                replicas: assignments.isEmpty ? replicas : Int16(clamping: assignments.max() ?? 1),
                settings: settings)
        }
        _ = try reader.int32()
        isTrial = version >= 1 ? try reader.bool() : false
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 2 { out.throttleTime() }
        out.structs(topics) { out, topic in
            let failed = create(topic, call)
            let settings = call.model.settings(of: topic.name)
            out.string(topic.name)
            if call.version >= 7 { out.uuid(call.broker.id(ofTopic: topic.name)) }
            out.error(failed?.code)
            if call.version >= 1 { out.string(failed?.reason) }
            if call.version >= 5 {
                out.int32(failed == nil ? call.model.topicPartitionCounts[topic.name] ?? -1 : -1)
                out.int16(failed == nil ? 1 : -1)
                out.structs(failed == nil ? settings?.entries ?? [] : []) { out, entry in
                    out.string(entry.name)
                    out.string(entry.value)
                    out.bool(false)
                    out.int8(ConfigSource.of(entry))
                    out.bool(false)
                }
            }
        }
        out.tags()
        return true
    }

    private func create(_ topic: Topic, _ call: Call) -> BatchError? {
        if topic.replicas > 1 {
            return BatchError(.invalidReplicationFactor, "there is one broker, so one replica")
        }
        let count = topic.count == -1 ? call.broker.limits.defaultTopicPartitions : topic.count
        do {
            let settings = try TopicSettings(topic.settings)
            if !isTrial { try call.broker.createTopic(topic.name, topicPartitions: count, settings) }
            return nil
        } catch let error as TopicSettings.Invalid {
            return BatchError(error.code, error.description)
        } catch {
            let code = error as? ErrorCode
            return BatchError(code ?? .invalidRequest, code == .topicAlreadyExists ? "it exists" : nil)
        }
    }
}

extension WireReader {
    /// Settings by name; those without a value have their defaults.
    mutating func settings() throws(WireError) -> [String: String] {
        let pairs = try structs { reader throws(WireError) in
            (name: try reader.string(), value: try reader.nullableString())
        }
        return Dictionary(pairs.compactMap { pair in pair.value.map { (pair.name, $0) } }) { $1 }
    }
}
