internal import Kafka

/// A topic in a request, with what the request says of some of its topic partitions: the shape of half of all
/// requests and of their responses.
struct TopicParts<Part> {
    var name: String
    var parts: [Part]
}

extension WireReader {
    /// Topics, with a structure for each topic partition.
    mutating func topics<Part>(_ part: (inout WireReader) throws(WireError) -> Part) throws(WireError)
        -> [TopicParts<Part>]
    {
        try structs { reader throws(WireError) in
            TopicParts(name: try reader.string(), parts: try reader.structs(part))
        }
    }

    /// Topics, with the bare numbers of topic partitions.
    mutating func topicNumbers() throws(WireError) -> [TopicParts<Int32>] { try nullableTopicNumbers() ?? [] }

    /// The same where none means all.
    mutating func nullableTopicNumbers() throws(WireError) -> [TopicParts<Int32>]? {
        try nullableStructs { reader throws(WireError) in
            TopicParts(
                name: try reader.string(),
                parts: try reader.array { reader throws(WireError) in try reader.int32() })
        }
    }
}

extension WireWriter {
    /// Topics, with a structure for each topic partition.
    mutating func topics<Part>(
        _ topics: [TopicParts<Part>], _ part: (inout WireWriter, Part, TopicPartition) -> Void
    ) where Part: NumberedPart {
        structs(topics) { out, topic in
            out.string(topic.name)
            out.structs(topic.parts) { out, value in
                part(&out, value, TopicPartition(topic.name, value.number))
            }
        }
    }
}

/// What belongs to a topic partition.
protocol NumberedPart {
    /// Its number.
    var number: Int32 { get }
}

/// A topic partition's number, and what the request says of it.
struct PartValue<Value>: NumberedPart {
    var number: Int32
    var value: Value
}

extension Int32: NumberedPart {
    var number: Int32 { self }
}
