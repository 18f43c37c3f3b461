internal import Kafka

/// How consumers tell each other, through the coordinator, what they subscribe to and what they are assigned:
/// version 0 of Kafka's consumer protocol.
enum ConsumerProtocol {
    static func encode(subscription topics: [String]) -> [UInt8] {
        var bytes: [UInt8] = [0, 0]
        put(Int32(topics.count), &bytes)
        for topic in topics.sorted() { put(topic, &bytes) }
        put(Int32(-1), &bytes)
        return bytes
    }

    static func decode(subscription bytes: [UInt8]) -> [String] {
        var rest = bytes.dropFirst(2)
        return takeList(&rest) { takeText(&$0) }
    }

    static func encode(assignment places: [TopicPartition]) -> [UInt8] {
        var bytes: [UInt8] = [0, 0]
        let topics = Dictionary(grouping: places, by: \.topic).sorted { $0.key < $1.key }
        put(Int32(topics.count), &bytes)
        for (topic, places) in topics {
            put(topic, &bytes)
            put(Int32(places.count), &bytes)
            for place in places.sorted() { put(place.partition, &bytes) }
        }
        put(Int32(-1), &bytes)
        return bytes
    }

    static func decode(assignment bytes: [UInt8]) -> [TopicPartition] {
        var rest = bytes.dropFirst(2)
        let topics = takeList(&rest) { rest in
            let topic = takeText(&rest)
            return takeList(&rest) { TopicPartition(topic, take(Int32.self, &$0)) }
        }
        return topics.flatMap(\.self)
    }

    /// Shares each topic out by itself, in runs, to the members in the order of their names; the first get
    /// one more where it does not come out even. As librdkafka's `range` does.
    static func range(subscriptions: [String: [String]], counts: [String: Int32]) -> [String:
        [TopicPartition]]
    {
        var result: [String: [TopicPartition]] = subscriptions.mapValues { _ in [] }
        for topic in Set(subscriptions.values.joined()).sorted() {
            let members = subscriptions.filter { $0.value.contains(topic) }.keys.sorted()
            let (share, more) = (counts[topic] ?? 0).quotientAndRemainder(dividingBy: Int32(members.count))
            var next: Int32 = 0
            for (index, member) in members.enumerated() {
                let end = next + share + (index < more ? 1 : 0)
                result[member, default: []] += (next..<end).map { TopicPartition(topic, $0) }
                next = end
            }
        }
        return result
    }

    private static func put(_ number: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    private static func put(_ text: String, _ bytes: inout [UInt8]) {
        put(Int16(text.utf8.count), &bytes)
        bytes += text.utf8
    }

    /// What is missing counts as 0, so that malformed bytes subscribe to nothing.
    private static func take<Number: FixedWidthInteger>(_: Number.Type, _ rest: inout ArraySlice<UInt8>)
        -> Number
    {
        let bytes = rest.prefix(Number.bitWidth / 8)
        rest = rest.dropFirst(bytes.count)
        return bytes.reduce(0) { $0 << 8 | Number($1) }
    }

    private static func takeText(_ rest: inout ArraySlice<UInt8>) -> String {
        let count = max(0, Int(take(Int16.self, &rest)))
        let text = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return text
    }

    /// As many as are there, however many are said to be.
    private static func takeList<Element>(
        _ rest: inout ArraySlice<UInt8>, _ element: (inout ArraySlice<UInt8>) -> Element
    ) -> [Element] {
        var left = take(Int32.self, &rest)
        var list: [Element] = []
        while left > 0, !rest.isEmpty {
            list.append(element(&rest))
            left -= 1
        }
        return list
    }
}
