import Kafka
import Streams
import Synchronization

/// A processor whose state shows whether anything was lost, repeated or reordered: it numbers what it reads.
struct Counting: Processor {
    private(set) var report = 0
    /// Whether the newest record was the mark: an idle input is told of once.
    private(set) var isIdle = false
    let number: Int32

    static func stage(output: String = "out", idleMark: IdleMark? = nil)
        -> PipelineStage<Counting>
    {
        PipelineStage(
            name: "counting", inputs: ["in"], outputs: [output], coPartitionedOutputs: [output],
            idleMark: idleMark
        ) { Counting(number: $0.number) }
    }

    mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        guard let value = record.value else {
            isIdle = true
            return
        }
        isIdle = false
        report += 1
        let text = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } + "#\(report)"
        outputs.append(
            topic: 0, partition: number, key: record.key, value: text.utf8Span.span.bytes)
    }
}
