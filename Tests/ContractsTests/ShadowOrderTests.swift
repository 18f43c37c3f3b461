import Contracts
import Testing

@Suite struct ShadowOrderTests {
    private let map: PartitionMap

    init() throws { map = try PartitionMap(["eu", "us/\"sales\""]) }

    private static let text =
        ##"{"id":"o-1","time":1767605400000,"order":"roll-back","source":"eu","target":"us/\"sales\"","##
        + ##""by":"ada","reason":"too \"slow\""}"##
    private static let order = ShadowOrder(
        id: "o-1", time: 1_767_605_400_000, kind: .rollBack, source: 0, target: 1, by: "ada",
        reason: "too \"slow\"")

    private func decode(_ text: String) throws(Rejection) -> ShadowOrder {
        try ShadowOrder(decoding: text.utf8Span.span.bytes, partitions: map)
    }

    @Test func `an order is read as it was written`() throws {
        var writer = JSONWriter()
        Self.order.encode(names: PartitionNames(map), into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.text)
        #expect(try decode(Self.text) == Self.order)
        #expect(Self.order.shadow(map) == "eu>us/\"sales\"")
    }

    @Test(arguments: OrderKind.allCases)
    func `every kind of order is read`(kind: OrderKind) throws {
        #expect(try decode(Self.text.replacing("roll-back", with: kind.rawValue)).kind == kind)
    }

    @Test(arguments: [
        ("roll-back", "rollback", Rejection.Reason.invalidField, "order"),
        ("\"by\":\"ada\",", "", .missingField, "by"), ("\"ada\"", "\"\"", .missingField, "by"),
        ("ada", String(repeating: "a", count: 257), .invalidField, "by"),
        ("too", String(repeating: "a", count: 1_024), .invalidField, "reason"),
        ("\"source\":\"eu\"", "\"source\":\"uk\"", .unknownPartition, "source"),
        ("1767605400000", "\"soon\"", .invalidField, "time"), ("}", "", .malformedJSON, "byte"),
    ])
    func `a bad order is rejected, and the field is named`(
        part: String, replacement: String, reason: Rejection.Reason, mention: String
    ) throws {
        let bad = Self.text.replacing(part, with: replacement)
        let rejected = try #require(throws: Rejection.self) { try decode(bad) }
        #expect(rejected.reason == reason)
        #expect(rejected.detail.contains(mention))
    }
}
