internal import Kafka
internal import SimulatedKafka

/// How many bytes all logs take up, without adding them up each time.
struct MemoryUse {
    private var sizes: [TopicPartition: Int64] = [:]
    private var changed: Set<TopicPartition> = []
    private var sum: Int64 = 0

    /// Knows nothing yet.
    init() {}

    /// Knows a model.
    init(_ model: ClusterModel) {
        for (topic, count) in model.topicPartitionCounts {
            for number in 0..<count { changed.insert(TopicPartition(topic, number)) }
        }
    }

    /// To be told of each change of the model.
    mutating func note(_ change: ClusterChange) {
        switch change {
        case .appended(let place, _), .startMoved(let place, _), .rewritten(let place, _, _):
            changed.insert(place)
        case .topicDeleted(let name): changed.formUnion(sizes.keys.filter { $0.topic == name })
        default: break
        }
    }

    /// The bytes of all logs now.
    mutating func total(_ model: ClusterModel) -> Int64 {
        for place in changed {
            let size = model.size(of: place)
            sum += size - (sizes[place] ?? 0)
            sizes[place] = size == 0 ? nil : size
        }
        changed.removeAll(keepingCapacity: true)
        return sum
    }
}
