import Kafka
import SimulatedKafka

/// Encoded batches of a format that can be read: a line for each record, with its distance from the first
/// offset, its key, its value and its time; `-` is none.
struct TextBatch: BatchRecoder {
    struct Damaged: Error {}

    static func encode(
        _ records: [(key: String?, value: String?)], by producer: ProducerIdentity? = nil,
        sequence: Int32 = -1, isTransactional: Bool = false, at time: Int64 = 0
    ) -> EncodedBatch {
        let lines = records.enumerated().map { "\($0) \($1.key ?? "-") \($1.value ?? "-") \(time)" }
        return EncodedBatch(
            bytes: Array(lines.joined(separator: "\n").utf8), count: records.count, producer: producer,
            sequence: sequence, isTransactional: isTransactional, maxTimestamp: time)
    }

    static func lines(_ batch: EncodedBatch) -> [[String]] {
        String(decoding: batch.bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
    }

    func records(of batch: EncodedBatch) throws -> [BatchRecord] {
        try Self.lines(batch).map { words in
            guard words.count == 4, let delta = Int32(words[0]), let time = Int64(words[3]) else {
                throw Damaged()
            }
            return BatchRecord(
                offsetDelta: delta, key: words[1] == "-" ? nil : Array(words[1].utf8),
                isTombstone: words[2] == "-", timestamp: time)
        }
    }

    func keeping(_ offsetDeltas: Set<Int32>, of batch: EncodedBatch) throws -> EncodedBatch {
        var result = batch
        let lines = Self.lines(batch).filter { Int32($0[0]).map(offsetDeltas.contains) ?? false }
        result.bytes = Array(lines.map { $0.joined(separator: " ") }.joined(separator: "\n").utf8)
        return result
    }
}

extension ClusterModel {
    /// What is in a log: the offset of each record with its key and value, and the markers.
    func contents(_ place: TopicPartition, committed: Bool = false) throws -> [String] {
        let answer = try fetch(place, from: startOffset(place), readsCommitted: committed)
        return answer.entries.flatMap { entry -> [String] in
            switch entry.content {
            case .record(let record): ["\(entry.offset) \(text(record.key)) \(text(record.value))"]
            case .marker(let isCommit): ["\(entry.offset) \(isCommit ? "commit" : "abort")"]
            case .batch(let batch):
                TextBatch.lines(batch).map { "\(entry.offset + (Int64($0[0]) ?? 0)) \($0[1]) \($0[2])" }
            }
        }
    }
}
