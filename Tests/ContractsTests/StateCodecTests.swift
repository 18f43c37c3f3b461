import Contracts
import Testing

/// Numbers as the bytes of snapshots.
@Suite struct StateCodecTests {
    @Test func `integers come back as they were, in as few bytes as they need`() throws {
        let signed: [Int64] = [0, 1, -1, 63, -64, 64, -65, 1 << 40, -(1 << 40), .max, .min]
        let unsigned: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, 1 << 63, .max]
        var writer = StateWriter()
        for value in signed { writer.write(value) }
        for value in unsigned { writer.write(value) }
        var reader = StateReader(writer.written)
        for value in signed {
            let read: Int64 = try reader.read()
            #expect(read == value)
        }
        for value in unsigned {
            let read: UInt64 = try reader.read()
            #expect(read == value)
        }
        try reader.finish()
        #expect(bytes { $0.write(127 as UInt64) }.count == 1)
        #expect(bytes { $0.write(-64 as Int64) }.count == 1)
        #expect(bytes { $0.write(128 as UInt64) }.count == 2)
        #expect(bytes { $0.write(UInt64.max) }.count == 10)
    }

    @Test func `numbers, truth values and bytes come back as they were`() throws {
        let text = Array("ann".utf8)
        let row: [UInt64] = [1, .max, 3]
        var writer = StateWriter()
        writer.write(-0.0 as Double)
        writer.write(Float.leastNonzeroMagnitude)
        writer.write(true)
        writer.write(text.span.bytes)
        writer.write(bits: SIMD4<Float>(1, 2, 3, 4))
        writer.write(bits: row.span)
        var reader = StateReader(writer.written)
        let zero: Double = try reader.read()
        let least: Float = try reader.read()
        let truth: Bool = try reader.read()
        #expect(zero.sign == .minus && least == .leastNonzeroMagnitude && truth)
        #expect(try reader.readBytes() == text)
        #expect(try reader.read(bits: SIMD4<Float>.self) == SIMD4(1, 2, 3, 4))
        for value in row { #expect(try reader.read(bits: UInt64.self) == value) }
        try reader.finish()
    }

    @Test(arguments: (1...20).map { UInt64($0) })
    func `numbers that are often 0 come back as they were, in the shorter form`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let length = Int.random(in: 1...300, using: &random)
        let density = Double.random(in: 0...1, using: &random)
        let values: [UInt16] = (0..<length).map { _ in
            Double.random(in: 0...1, using: &random) < density ? .random(in: 1...10_000, using: &random) : 0
        }
        let written = bytes { $0.write(sparse: values.span) }
        var read = [UInt16](repeating: 7, count: length)
        var reader = StateReader(written.span.bytes)
        try reader.read(sparse: &read, upTo: 10_000, "probability")
        try reader.finish()
        #expect(read == values, "seed \(seed)")
        #expect(written.count <= 2 + values.reduce(0) { $0 + ($1 < 128 ? 1 : 2) }, "seed \(seed)")
        for end in written.indices {
            #expect(throws: StateFailure.self, "seed \(seed), \(end) bytes") {
                try readSparse(Array(written[..<end]), length)
            }
        }
    }

    @Test func `what cannot have been written is refused`() {
        #expect(refusal([]) { reader throws(StateFailure) in let _: UInt8 = try reader.read() } == .truncated)
        #expect(
            refusal([0x80]) { reader throws(StateFailure) in let _: UInt8 = try reader.read() } == .truncated)
        let tooLong = [UInt8](repeating: 0xFF, count: 9) + [2]
        #expect(
            refusal(tooLong) { reader throws(StateFailure) in let _: UInt64 = try reader.read() }
                == .outOfRange("an integer"))
        #expect(
            refusal([0x80, 2]) { reader throws(StateFailure) in let _: UInt8 = try reader.read() }
                == .outOfRange("an integer"))
        #expect(
            refusal([2]) { reader throws(StateFailure) in let _: Bool = try reader.read() }
                == .outOfRange("truth value 2"))
        #expect(
            refusal([9]) { reader throws(StateFailure) in _ = try reader.count(limit: 8, "ids") }
                == .outOfRange("ids 9"))
        #expect(
            refusal([8]) { reader throws(StateFailure) in
                let _: UInt16 = try reader.index(below: 8, "partition")
            }
                == .outOfRange("partition 8"))
        #expect(
            refusal([3]) { reader throws(StateFailure) in let _: Int64 = try reader.read(in: 0...1, "count") }
                == .outOfRange("count -2"))
        #expect(
            refusal([0, 0, 0xC0, 0x7F]) { reader throws(StateFailure) in let _: Float = try reader.read() }
                == .outOfRange("a number that is none"))
        #expect(
            refusal([5, 1, 2]) { reader throws(StateFailure) in _ = try reader.readBytes() }
                == .outOfRange("bytes 5"))
        #expect(refusal([2, 1]) { reader throws(StateFailure) in _ = try reader.readBytes() } == .truncated)
        #expect(
            refusal([1, 1]) { reader throws(StateFailure) in
                let _: UInt8 = try reader.read()
                try reader.finish()
            } == .outOfRange("1 bytes after its end"))
    }

    @Test func `a writer that was emptied starts anew`() {
        var writer = StateWriter()
        writer.write(300 as UInt64)
        writer.removeAll()
        writer.write(5 as UInt64)
        #expect(writer.bytes == [5])
    }

    private func bytes(_ write: (inout StateWriter) -> Void) -> [UInt8] {
        var writer = StateWriter()
        write(&writer)
        return writer.bytes
    }

    private func readSparse(_ bytes: [UInt8], _ length: Int) throws {
        var values = [UInt16](repeating: 0, count: length)
        var reader = StateReader(bytes.span.bytes)
        try reader.read(sparse: &values, upTo: 10_000, "probability")
    }

    private func refusal(
        _ bytes: [UInt8], _ body: (inout StateReader) throws(StateFailure) -> Void
    ) -> StateFailure? {
        var reader = StateReader(bytes.span.bytes)
        do throws(StateFailure) {
            try body(&reader)
            return nil
        } catch {
            return error
        }
    }
}
