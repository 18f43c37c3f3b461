import Foundation
import Testing

@testable import Contracts

/// What the writer writes.
@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func integersAreThoseOfTheStandardLibrary() {
        var values: [Int64] = [.min, .max, 0, -1]
        var power: Int64 = 1
        for _ in 0..<18 {
            power *= 10
            values += [power - 1, power, power + 1, -power]
        }
        for value in values {
            #expect(written { $0.integer(value) } == String(value))
            #expect(written { $0.integer(value.magnitude) } == String(value.magnitude))
        }
        #expect(written { $0.integer(UInt64.max) } == String(UInt64.max))
    }

    @Test func everyProbabilityIsTheShortestDecimal() {
        for units in 0...probabilityOne {
            #expect(written { $0.probability(units: units) } == shortest(Double(units) / 10_000), "\(units)")
        }
    }

    @Test func thousandthsAreTheShortestDecimal() {
        let cases: [(Int64, String)] = [
            (0, "0"), (1_500, "1.5"), (-1, "-0.001"), (3_000, "3"), (-2_050, "-2.05"), (100, "0.1"),
            (10, "0.01"),
            (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ]
        for (milli, text) in cases { #expect(written { $0.milli(milli) } == text) }
        for milli in Int64(-2_100)...2_100 {
            #expect(written { $0.milli(milli) } == shortest(Double(milli) / 1_000))
        }
    }

    /// The standard library's shortest text that reads back as `value`, without ".0" and exponents.
    private func shortest(_ value: Double) -> String {
        if value == value.rounded() { return String(Int(value)) }
        let text = String(value)
        guard text.contains("e") else { return text }
        var digits = String(format: "%.4f", value)
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits
    }

    @Test func stringsAreEscapedAsLittleAsIsAllowed() throws {
        #expect(written { $0.string("plain é😀/\u{7f}") } == "\"plain é😀/\u{7f}\"")
        #expect(written { $0.string("\"\\\u{8}\u{c}\n\r\t\u{0}\u{1f}") } == #""\"\\\b\f\n\r\t\u0000\u001f""#)
        let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        let bytes = Data(written { $0.string(all) }.utf8)
        #expect(try JSONSerialization.jsonObject(with: bytes, options: .fragmentsAllowed) as? String == all)
    }

    @Test func aWriterCanBeUsedAgain() {
        var writer = JSONWriter()
        writer.literal("[1,")
        writer.removeAll()
        writer.boolean(true)
        writer.append(Array(",false".utf8).span.bytes)
        #expect(writer.bytes == Array("true,false".utf8))
    }
}
