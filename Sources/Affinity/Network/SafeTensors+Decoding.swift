import Contracts

extension SafeTensors {
    /// Why a file is none of these.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The file has more bytes than are accepted. It is not a model, or not one for this program.
        case tooLarge(bytes: Int, limit: Int)
        /// The file ends early, or goes on after its end. Copy it again.
        case wrongLength(String)
        /// The header is not what the format asks for. The file is of another format, or damaged.
        case badHeader(String)
        /// What the header says of a tensor cannot be. The file is damaged, or its numbers are of another type.
        case badTensor(name: String, what: String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .tooLarge(let bytes, let limit): "the file has \(bytes) bytes; at most \(limit) are accepted"
            case .wrongLength(let what): what
            case .badHeader(let what): "the header \(what)"
            case .badTensor(let name, let what): "tensor \(name) \(what)"
            }
        }
    }

    /// What a tensor's entry in the header says.
    private struct Entry {
        var name: String
        var shape: [Int]
        var begin: Int
        var end: Int
    }

    /// Reads a file of at most `limit` bytes. All of it is checked: every byte belongs to one tensor.
    public init(decoding bytes: RawSpan, limit: Int) throws(Failure) {
        let count = bytes.byteCount
        guard count <= limit else { throw .tooLarge(bytes: count, limit: limit) }
        guard count >= 8 else { throw .wrongLength("the file ends within the length of the header") }
        let length = UInt64(littleEndian: bytes.unsafeLoadUnaligned(as: UInt64.self))
        guard length <= UInt64(count - 8) else {
            throw .wrongLength(
                "the header is said to have \(length) bytes; the file has \(count - 8) after it")
        }
        let dataStart = 8 + Int(length)
        let header: JSONValue
        do throws(Rejection) {
            header = try JSONValue(parsing: bytes.extracting(8..<dataStart))
        } catch {
            throw .badHeader("is not JSON: \(error.detail)")
        }
        guard case .object(let members) = header else { throw .badHeader("is not an object") }
        metadata = [:]
        var entries: [Entry] = []
        for member in members {
            if member.name == "__metadata__" {
                metadata = try Self.texts(member.value)
            } else {
                entries.append(try Self.entry(member))
            }
        }
        entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
        try Self.checkCover(entries, of: count - dataStart)
        tensors = entries.map { entry in
            let values = (0..<(entry.end - entry.begin) / 4).map { i in
                let offset = dataStart + entry.begin + 4 * i
                let bits = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
            return Tensor(name: entry.name, shape: entry.shape, values: values)
        }
    }

    private static func texts(_ value: JSONValue) throws(Failure) -> [String: String] {
        guard case .object(let members) = value else { throw .badHeader("has metadata that are no object") }
        var texts: [String: String] = [:]
        for member in members {
            guard let text = member.value.text else {
                throw .badHeader("has metadata of which \(member.name) is no string")
            }
            texts[member.name] = text
        }
        return texts
    }

    private static func entry(_ member: JSONValue.Member) throws(Failure) -> Entry {
        func failure(_ what: String) -> Failure { .badTensor(name: member.name, what: what) }
        guard let type = member.value["dtype"]?.text else { throw failure("has no dtype") }
        guard type == "F32" else { throw failure("has dtype \(type); only F32 is read") }
        guard let extents = member.value["shape"]?.elements else { throw failure("has no shape") }
        let shape = extents.compactMap { $0.wholeNumber }
        guard shape.count == extents.count, shape.allSatisfy({ $0 >= 0 }) else {
            throw failure("has a shape that is not of whole numbers")
        }
        let offsets = member.value["data_offsets"]?.elements?.compactMap { $0.wholeNumber } ?? []
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            throw failure("has no data_offsets from a begin to an end")
        }
        var bytes = 4
        for extent in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            if overflow { throw failure("has a shape of too many elements") }
            bytes = product
        }
        guard offsets[1] - offsets[0] == bytes else {
            throw failure("has \(offsets[1] - offsets[0]) bytes; its shape needs \(bytes)")
        }
        return Entry(name: member.name, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// Checks that the tensors, in the order of their offsets, follow each other from 0 to the end.
    private static func checkCover(_ entries: [Entry], of count: Int) throws(Failure) {
        var end = 0
        for entry in entries {
            guard entry.end <= count else {
                throw .wrongLength("the file ends before tensor \(entry.name) does")
            }
            guard entry.begin >= end else {
                throw .badTensor(name: entry.name, what: "overlaps the one before it")
            }
            guard entry.begin == end else {
                throw .badTensor(name: entry.name, what: "begins after a gap of \(entry.begin - end) bytes")
            }
            end = entry.end
        }
        guard end == count else { throw .wrongLength("\(count - end) bytes after the last tensor") }
    }
}
