import Testing

@testable import Contracts

/// Numbers as they are written, read exactly.
@Suite struct JSONNumberTests {
    private func number(_ text: String) throws(JSONFailure) -> JSONNumber {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span.bytes, maximumDepth: 1)
        let token = try scanner.value()
        try scanner.end()
        return JSONNumber(bytes.span.bytes, token)
    }

    @Test(arguments: [
        ("0", 0 as Int64?), ("-0", 0), ("7", 7), ("-12", -12), ("1.0", 1), ("1.5", nil), ("15e-1", nil),
        ("150e-1", 15),
        ("1e3", 1_000), ("1E+3", 1_000), ("0e999999999999999999999", 0), ("1e999999999999999999999", nil),
        ("1e-999999999999999999999", nil), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e18", 1_000_000_000_000_000_000),
        ("1e19", nil), ("100000000000000000000e-2", 1_000_000_000_000_000_000),
        ("1000000000000000000000000e-24", 1), ("1000000000000000000000001e-24", nil),
        ("0.000000000000000000000000000001e30", 1),
    ])
    func integers(text: String, value: Int64?) throws {
        #expect(try number(text).integer == value)
    }

    @Test(arguments: [
        ("0", 0 as Int64?), ("1.5", 1_500), ("-0.001", -1), ("0.0005", 1), ("0.00049999", 0), ("-0.0005", -1),
        ("0.6174", 617), ("0.61750000000000000000000001", 618), ("1e-30", 0),
        ("1e15", 1_000_000_000_000_000_000),
        ("1e16", nil), ("9223372036854775.807", .max), ("0.1234567890123456789012345", 123),
    ])
    func thousandths(text: String, value: Int64?) throws {
        #expect(try number(text).rounded(timesTenTo: 3) == value)
    }

    @Test func namesOfMembersArePackedAsTheyAreWritten() {
        let names: [(String, UInt64)] = [
            ("id", MemberName.id), ("op", MemberName.operation), ("time", MemberName.time),
            ("kind", MemberName.kind), ("data", MemberName.data), ("type", MemberName.type),
            ("bytes", MemberName.bytes), ("region", MemberName.region), ("domain", MemberName.domain),
            ("product", MemberName.product), ("subject", MemberName.subject),
            ("customer", MemberName.customer),
            ("share", MemberName.share), ("high", MemberName.high), ("rate", MemberName.rate),
            ("volume", MemberName.volume), ("sequence", MemberName.sequence), ("home", MemberName.home),
            ("after", MemberName.after), ("read", MemberName.read), ("write", MemberName.write),
        ]
        for (name, packed) in names {
            #expect(MemberName.packed(name.utf8Span.span.bytes) == packed, "\(name)")
        }
    }
}
