import Contracts

/// Named arrays of single-precision numbers and texts about them, in the file format `safetensors`, which most
/// tools for networks read and write:
///
/// | bytes | |
/// |---|---|
/// | 8 | length n of the header, little-endian |
/// | n | header, JSON: `{"__metadata__": {name: text}, tensor: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}}` |
/// | rest | the arrays, little-endian, without gaps; offsets count from here |
///
/// Nothing in such a file is executed, unlike in formats that store programs' objects.
public struct SafeTensors: Sendable, Equatable {
    /// A named array.
    public struct Tensor: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its extent in each dimension; the last one's elements are next to each other.
        public var shape: [Int]
        /// As many elements as the product of the shape.
        public var values: [Float]

        /// Makes an array.
        public init(name: String, shape: [Int], values: [Float]) {
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// Texts about the arrays, each with a name.
    public var metadata: [String: String]
    /// The arrays, in the order in which they lie in the file.
    public var tensors: [Tensor]

    /// A file's content.
    public init(metadata: [String: String], tensors: [Tensor]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// The file. The same content makes the same bytes.
    public func encoded() -> [UInt8] {
        var header = JSONWriter()
        members.write(to: &header)
        // Readers map files into memory; numbers are to begin where numbers may.
        while header.bytes.count % 8 != 0 { header.literal(" ") }
        var bytes: [UInt8] = []
        let elements = tensors.reduce(0) { $0 + $1.values.count }
        bytes.reserveCapacity(8 + header.bytes.count + 4 * elements)
        for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: UInt64(header.bytes.count) >> (8 * i))) }
        bytes += header.bytes
        for tensor in tensors {
            for value in tensor.values {
                let bits = value.bitPattern
                for i in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * i))) }
            }
        }
        return bytes
    }

    private var members: JSONValue {
        let texts = metadata.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        var members = [JSONValue.Member("__metadata__", .object(texts))]
        var end = 0
        for tensor in tensors {
            let begin = end
            end += 4 * tensor.values.count
            members.append(
                JSONValue.Member(
                    tensor.name,
                    .object([
                        JSONValue.Member("dtype", .string("F32")),
                        JSONValue.Member("shape", .array(tensor.shape.map { .integer($0) })),
                        JSONValue.Member("data_offsets", .array([.integer(begin), .integer(end)])),
                    ])))
        }
        return .object(members)
    }
}
