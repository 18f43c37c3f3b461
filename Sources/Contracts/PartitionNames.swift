/// The names of partitions as JSON text, made once, so that records are written by copying bytes.
public struct PartitionNames: Sendable {
    private let text: [UInt8]  // `"name":` of every partition in turn
    private let starts: [Int]  // and where the last one ends

    /// Prepares the names of a map.
    public init(_ map: PartitionMap) {
        var writer = JSONWriter()
        var starts = [0]
        for name in map.names {
            writer.string(name)
            writer.literal(":")
            starts.append(writer.bytes.count)
        }
        text = writer.bytes
        self.starts = starts
    }

    /// How many partitions there are.
    public var count: Int { starts.count - 1 }

    /// `"name":`
    @inline(__always)
    @_lifetime(borrow self)
    func member(_ partition: Int) -> RawSpan {
        text.span.bytes.extracting(starts[partition]..<starts[partition + 1])
    }

    /// `"name"`
    @_lifetime(borrow self)
    public func quoted(_ partition: PartitionIndex) -> RawSpan {
        let place = Int(partition)
        return text.span.bytes.extracting(starts[place]..<starts[place + 1] - 1)
    }

    /// `name`, escaped
    @_lifetime(borrow self)
    func escaped(_ partition: PartitionIndex) -> RawSpan {
        let place = Int(partition)
        return text.span.bytes.extracting(starts[place] + 1..<starts[place + 1] - 2)
    }
}
