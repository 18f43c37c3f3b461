internal import Contracts
internal import Kafka

extension Record {
    /// The record's own headers, then why and from where it was sent to the dead letters.
    func deadLetterHeaders(_ rejection: Rejection, topic: String) -> [Header] {
        headers() + [
            Header(DeadLetterHeader.reason, rejection.reason.rawValue),
            Header(DeadLetterHeader.detail, rejection.detail),
            Header(DeadLetterHeader.topic, topic),
            Header(DeadLetterHeader.topicPartition, String(partition)),
            Header(DeadLetterHeader.offset, String(offset)),
        ]
    }
}

extension Mark {
    /// The mark among a record's headers, or nil if there is none that can be read.
    init?(_ headers: [Header]) {
        guard let value = headers.last(where: { $0.name == Mark.headerName })?.value else { return nil }
        self.init(String(decoding: value, as: UTF8.self))
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
