internal import CRdkafka
internal import Foundation

/// One partition of one Kafka topic.
public struct TopicPartition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The topic's name.
    public var topic: String
    /// The number of the partition, from 0.
    public var partition: Int32

    /// Names a topic partition.
    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// `topic[partition]`.
    public var description: String { "\(topic)[\(partition)]" }

    /// By topic, then by number.
    public static func < (a: TopicPartition, b: TopicPartition) -> Bool {
        (a.topic, a.partition) < (b.topic, b.partition)
    }
}

/// A list of topic partitions with offsets, as librdkafka takes and gives it.
struct PartitionList: ~Copyable {
    let native: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ offsets: some Sequence<(TopicPartition, Int64)>) {
        native = rd_kafka_topic_partition_list_new(8)
        for (place, offset) in offsets {
            let added = rd_kafka_topic_partition_list_add(native, place.topic, place.partition)
            added?.pointee.offset = offset
        }
    }

    init(_ places: some Sequence<TopicPartition>) {
        self.init(places.lazy.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) })
    }

    deinit { rd_kafka_topic_partition_list_destroy(native) }

    /// The offsets that are known; what has none is left out.
    func offsets() throws(KafkaError) -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for (place, offset) in try read() where offset >= 0 { result[place] = offset }
        return result
    }

    /// Positions with what is to be kept beside them, in the order of their topic partitions.
    init(positions: [TopicPartition: OffsetAndMetadata]) {
        native = rd_kafka_topic_partition_list_new(Int32(clamping: positions.count))
        for (place, position) in positions.sorted(by: { $0.key < $1.key }) {
            guard let added = rd_kafka_topic_partition_list_add(native, place.topic, place.partition) else {
                continue
            }
            added.pointee.offset = position.offset
            if position.metadata.isEmpty { continue }
            let bytes = Array(position.metadata.utf8)
            // librdkafka frees it with the list.
            guard let copy = malloc(bytes.count) else { continue }
            copy.copyMemory(from: bytes, byteCount: bytes.count)
            added.pointee.metadata = copy
            added.pointee.metadata_size = bytes.count
        }
    }

    /// The positions that are known, with what was kept beside them.
    func positions() throws(KafkaError) -> [TopicPartition: OffsetAndMetadata] {
        var result: [TopicPartition: OffsetAndMetadata] = [:]
        for i in 0..<Int(native.pointee.cnt) {
            let element = native.pointee.elems[i]
            let place = TopicPartition(String(cString: element.topic), element.partition)
            try check(element.err, doing: "\(place)")
            if element.offset < 0 { continue }
            let text = element.metadata.map {
                String(
                    decoding: UnsafeRawBufferPointer(start: $0, count: element.metadata_size), as: UTF8.self)
            }
            result[place] = OffsetAndMetadata(element.offset, metadata: text ?? "")
        }
        return result
    }

    /// What the list holds now.
    func read() throws(KafkaError) -> [(place: TopicPartition, offset: Int64)] {
        try Self.read(native)
    }

    static func read(
        _ native: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) throws(KafkaError) -> [(place: TopicPartition, offset: Int64)] {
        var result: [(place: TopicPartition, offset: Int64)] = []
        for i in 0..<Int(native.pointee.cnt) {
            let element = native.pointee.elems[i]
            let place = TopicPartition(String(cString: element.topic), element.partition)
            try check(element.err, doing: "\(place)")
            result.append((place, element.offset))
        }
        return result
    }

    static func places(_ native: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartition] {
        (0..<Int(native.pointee.cnt)).map { i in
            TopicPartition(String(cString: native.pointee.elems[i].topic), native.pointee.elems[i].partition)
        }
    }
}
