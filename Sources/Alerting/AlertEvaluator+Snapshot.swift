public import Contracts

/// State as bytes.
extension AlertEvaluator {
    private static let version: UInt64 = 2

    /// Writes everything but the configuration.
    public func encode(into state: inout StateWriter) {
        state.write(Self.version)
        state.write(clock.length)
        state.write(bits: Self.hash(partitionMap))
        state.write(evaluated != nil)
        state.write(evaluated ?? 0)
        state.write(deadLetters)
        for partition in partitions { partition.encode(into: &state) }
        state.write(UInt64(shadows.count))
        for (key, shadow) in shadows.sorted(by: { $0.key < $1.key }) {
            state.write(key.source)
            state.write(key.target)
            shadow.encode(into: &state)
        }
        topics.encode(into: &state)
        stages.encode(into: &state)
        experiments.encode(into: &state)
        state.write(UInt64(rules.count))
        for (key, rule) in rules.sorted(by: { $0.key < $1.key }) {
            state.write(key.utf8Span.span.bytes)
            rule.encode(into: &state)
        }
    }

    /// Takes everything over, as far as the reader has it: more may follow. Throws when the bytes cannot be what
    /// `encode` wrote, or are of other windows, partitions or burn limits.
    public init(
        _ configuration: AlertConfiguration, partitions map: PartitionMap, _ reader: inout StateReader
    ) throws(StateFailure) {
        self.init(configuration, partitions: map)
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let length: Int64 = try reader.read()
        if length != clock.length { throw .otherShape("windows of \(length) ms, not \(clock.length)") }
        if try reader.read(bits: UInt64.self) != Self.hash(map) { throw .otherShape("other partitions") }
        let isEvaluated: Bool = try reader.read()
        let number: Int64 = try reader.read(in: WindowClock.near, "a window")
        evaluated = isEvaluated ? number : nil
        deadLetters = try reader.read(in: 0...Int64.max, "dead letters")
        for i in partitions.indices { partitions[i] = try PartitionWatch(configuration, &reader) }
        for _ in 0..<(try reader.count(limit: map.count * map.count, "shadows")) {
            let key = ShadowWatch.Key(
                source: try reader.index(below: map.count, "a partition"),
                target: try reader.index(below: map.count, "a partition"))
            shadows[key] = try ShadowWatch(&reader)
        }
        topics = try Readings(&reader, values: 2)
        stages = try Readings(&reader, values: 1)
        experiments = try Readings(&reader, values: 1)
        for _ in 0..<(try reader.count(limit: .max, "rules")) {
            let key = String(decoding: try reader.readBytes(), as: UTF8.self)
            rules[key] = try HeldRule(&reader, key: key)
        }
    }

    /// The same for the same partitions in the same order. As little-endian bits.
    private static func hash(_ map: PartitionMap) -> UInt64 {
        var hash = ByteHash.seed
        for name in map.names {
            ByteHash.add(name.utf8Span.span.bytes, to: &hash)
            ByteHash.add(0, to: &hash)
        }
        return ByteHash.finish(hash).littleEndian
    }
}
