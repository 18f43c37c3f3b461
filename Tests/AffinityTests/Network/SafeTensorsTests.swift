import Affinity
import Testing

@Suite struct SafeTensorsTests {
    private let file = SafeTensors(
        metadata: ["a": "text with \"quotes\" and ü", "b": ""],
        tensors: [
            .init(name: "matrix", shape: [2, 3], values: [1, -2.5, 3e-20, 0, -0.0, 6]),
            .init(name: "vector", shape: [2], values: [.greatestFiniteMagnitude, .leastNonzeroMagnitude]),
            .init(name: "nothing", shape: [0, 4], values: []), .init(name: "one", shape: [], values: [7]),
        ])

    private func decoded(_ bytes: [UInt8], limit: Int = 10_000) throws(SafeTensors.Failure) -> SafeTensors {
        try SafeTensors(decoding: bytes.span.bytes, limit: limit)
    }

    /// A file with this header and as many zero bytes behind it.
    private func failure(_ header: String, data: Int = 8) -> String? {
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        bytes += Array(header.utf8) + [UInt8](repeating: 0, count: data)
        return failure(of: bytes)
    }

    private func failure(of bytes: [UInt8], limit: Int = 10_000) -> String? {
        do throws(SafeTensors.Failure) {
            _ = try decoded(bytes, limit: limit)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `what was written is read, and the numbers begin at a multiple of eight`() throws {
        let bytes = file.encoded()
        #expect(try decoded(bytes) == file)
        #expect(bytes == file.encoded())
        #expect((Int(bytes[0]) + Int(bytes[1]) << 8) % 8 == 0)
    }

    /// What version 0.8.0 of the Python package `safetensors` writes for
    /// `save({"b": arange(3), "a": [[1.5, -2]]}, metadata={"k": "v"})`.
    @Test func `a file of another writer is read`() throws {
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"F32","shape":[3],"data_offsets":[8,20]}}"#
        var bytes: [UInt8] = [136, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0x20]
        bytes += [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
        let file = try decoded(bytes)
        #expect(file.metadata == ["k": "v"])
        #expect(
            file.tensors == [
                .init(name: "a", shape: [1, 2], values: [1.5, -2]),
                .init(name: "b", shape: [3], values: [0, 1, 2]),
            ])
    }

    @Test func `a file that ends anywhere else than it should is refused`() {
        let bytes = file.encoded()
        for count in 0..<bytes.count {
            #expect(failure(of: Array(bytes[..<count])) != nil, "\(count) bytes")
        }
        #expect(failure(of: bytes + [0]) == "1 bytes after the last tensor")
        #expect(failure(of: [1, 2, 3]) == "the file ends within the length of the header")
        #expect(failure(of: bytes, limit: 20) == "the file has \(bytes.count) bytes; at most 20 are accepted")
    }

    @Test(arguments: [UInt8(0xFF), 0x7F])
    func `a length of the header beyond the file is refused`(high: UInt8) {
        var bytes = file.encoded()
        bytes[7] = high
        #expect(failure(of: bytes)?.hasPrefix("the header is said to have") == true)
    }

    @Test(arguments: [
        ("{", "the header is not JSON: a member's name was expected at byte 1"),
        ("[]", "the header is not an object"),
        (#"{"__metadata__":{"a":1}}"#, "the header has metadata of which a is no string"),
        (#"{"__metadata__":[]}"#, "the header has metadata that are no object"),
        (#"{"t":{"shape":[2],"data_offsets":[0,8]}}"#, "tensor t has no dtype"),
        (
            #"{"t":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#,
            "tensor t has dtype F16; only F32 is read"
        ),
        (#"{"t":{"dtype":"F32","data_offsets":[0,8]}}"#, "tensor t has no shape"),
        (
            #"{"t":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            "tensor t has a shape that is not of whole numbers"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
            "tensor t has a shape that is not of whole numbers"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
            "tensor t has a shape of too many elements"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            "tensor t has 8 bytes; its shape needs 12"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            "tensor t has no data_offsets from a begin to an end"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
            "tensor t has no data_offsets from a begin to an end"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
            "the file ends before tensor t does"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "tensor t begins after a gap of 4 bytes"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "tensor u overlaps the one before it"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "the header is not JSON: a name stands twice at byte 58"
        ),
        (#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "4 bytes after the last tensor"),
    ])
    func `a header that cannot be is refused`(header: String, reason: String) {
        #expect(failure(header) == reason)
    }
}
