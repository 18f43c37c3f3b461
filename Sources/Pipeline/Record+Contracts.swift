internal import Contracts
internal import Kafka

extension Record {
    /// The record's own headers, then why and from where it was sent to the dead letters.
    func deadLetterHeaders(_ rejection: Rejection, topic: String, offset: Int64) -> [Header] {
        headers() + rejection.headers(topic: topic, topicPartition: partition, offset: offset)
    }
}

extension Rejection {
    /// The headers that a dead letter has beside those of the record it was.
    func headers(topic: String, topicPartition: Int32, offset: Int64) -> [Header] {
        [
            Header(DeadLetterHeader.reason, reason.rawValue),
            Header(DeadLetterHeader.detail, detail),
            Header(DeadLetterHeader.topic, topic),
            Header(DeadLetterHeader.topicPartition, String(topicPartition)),
            Header(DeadLetterHeader.offset, String(offset)),
        ]
    }
}

extension [Header] {
    /// The text of the last header of that name.
    func text(_ name: String) -> String? {
        last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Mark {
    /// The mark among a record's headers, or nil if there is none that can be read.
    init?(_ headers: [Header]) {
        guard let text = headers.text(Mark.headerName) else { return nil }
        self.init(text)
    }
}

extension CloudEventAttributes {
    /// The attributes of a CloudEvent in binary mode, or nil if the headers are those of no CloudEvent.
    init?(_ headers: [Header]) {
        func value(_ name: String) -> [UInt8]? { headers.last { $0.name == name }?.value }
        guard value("ce_specversion") != nil else { return nil }
        self.init(
            id: value("ce_id"), subject: value("ce_subject"), time: value("ce_time"), type: value("ce_type"))
    }
}
