import Contracts
import Testing

@testable import Trends

@Suite("The customer table")
struct CustomerTableTests {
    @Test("finds what was inserted and not removed", arguments: 0..<8 as Range<UInt64>)
    func againstDictionary(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = CustomerTable()
        var model: [String: UInt64] = [:]
        for round in 1...4_000 as ClosedRange<UInt64> {
            let key = "c\(Int.random(in: 0..<300, using: &random))"
            let bytes = key.utf8Span.span.bytes
            // Few distinct hashes make long runs, wrapped around the end of the table too.
            let hash = ByteHash.hash(bytes) | 0xFFFF_FFFF_FFFF_FF38
            if Int.random(in: 0..<3, using: &random) == 0 {
                let removed = table.remove(bytes, hash: hash)
                #expect(removed?.sequence == model.removeValue(forKey: key), "seed \(seed), round \(round)")
            } else {
                let row = table.find(bytes, hash: hash) ?? table.insert(bytes, hash: hash)
                #expect(table[row].sequence == model[key] ?? 0, "seed \(seed), round \(round)")
                table[row].sequence = round
                model[key] = round
            }
            #expect(table.count == model.count, "seed \(seed), round \(round)")
        }
        #expect(!model.isEmpty)
    }
}
