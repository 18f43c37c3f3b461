import Testing

@testable import Trends

@Suite("Thousandths")
struct MilliTests {
    @Test("of a share round down, of a rate round up")
    func ratios() {
        #expect(Milli.share(1, of: 3) == 333)
        #expect(Milli.rate(1, of: 3) == 334)
        #expect(Milli.rate(1, of: 4) == 250)
        #expect(Milli.share(.max - 1, of: .max) == 999)
        #expect(Milli.rate(1, of: .max) == 1)
    }

    @Test("stay within 0 and 1,000 for figures that cannot be")
    func hostile() {
        for (part, whole) in [(5, 0), (-5, 9), (.min, .min), (5, -3)] as [(Int64, Int64)] {
            #expect(Milli.share(part, of: whole) == 0)
            #expect(Milli.rate(part, of: whole) == 0)
        }
        #expect(Milli.share(9, of: 3) == 1_000)
        #expect(Milli.rate(.max, of: 1) == 1_000)
    }

    @Test("stop at the largest number there is")
    func saturate() {
        #expect(Milli.of(.max) == .max)
        #expect(Milli.of(.min) == .min)
        #expect(Milli.of(-3) == -3_000)
        #expect(Milli.scaled(10_001, by: 1_500) == 15_001)
        #expect(Milli.scaled(.max, by: 1_000) == .max)
        #expect(Milli.scaled(.max, by: 1_001) == .max)
        #expect(Milli.scaled(.max, by: .max) == .max)
        #expect(Milli.sum(.max, 1) == .max)
    }
}
