import Foundation
import Testing

@testable import Contracts

/// The scanner against truncations, mutations and another JSON reader.
@Suite struct JSONScannerTests {
    private func accepts(_ bytes: [UInt8], depth: Int = 512) -> Bool {
        do throws(JSONFailure) {
            try UTF8Check.check(bytes.span.bytes)
            var scanner = JSONScanner(bytes.span.bytes, maximumDepth: depth)
            _ = try scanner.value()
            try scanner.end()
            return true
        } catch {
            return false
        }
    }

    @Test func truncationsAreRejectedAtEveryByte() {
        for count in 0..<fullInteraction.count {
            let part = Array(fullInteraction.prefix(count))
            let rejected = rejection { () throws(Rejection) in _ = try decode(part) }
            #expect(rejected?.reason == .malformedJSON, "the first \(count) bytes")
        }
    }

    @Test func specialBytesAreFoundAtEveryPlaceOfAString() {
        for length in 0..<40 {
            for place in 0..<length {
                for (byte, isGood) in [
                    (0x1F as UInt8, false), (0x22, false), (0x5C, false), (0x20, true), (0x7F, true),
                ] {
                    var bytes = [UInt8](repeating: 0x61, count: length + 2)
                    bytes[0] = 0x22
                    bytes[length + 1] = 0x22
                    bytes[place + 1] = byte
                    // A quote ends the string early; a backslash escapes an "a", which is no escape.
                    #expect(accepts(bytes) == isGood, "byte \(byte) at \(place) of \(length)")
                }
            }
        }
    }

    @Test func nestingStopsAtTheLimit() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
        }
        #expect(accepts(nested(32), depth: 32))
        #expect(!accepts(nested(33), depth: 32))
        let siblings = "[" + String(repeating: "[],{},", count: 100) + "[]]"
        #expect(accepts(Array(siblings.utf8), depth: 2))
        #expect(accepts(nested(512), depth: 1_000_000))
        #expect(!accepts(nested(513), depth: 1_000_000))
    }

    /// Bytes that mutations like to insert, because they mean something.
    private static let spice =
        Array("{}[]\":,\\u0eE+-.dD8tfn \t\u{1f}\u{7f}\u{80}".utf8) + [0xFF, 0x00, 0xC3, 0xED]

    static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let byte = spice.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: bytes.insert(contentsOf: bytes[place...].prefix(12), at: place)
            }
        }
    }

    @Test(arguments: [1 as UInt64, 2, 3, 4])
    func whatIsAcceptedHoldsWhatItPromises(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var decoder = InteractionDecoder(limits: InteractionLimits())
        var accepted = 0
        for round in 0..<5_000 {
            var value = fullInteraction
            Self.mutate(&value, &random)
            guard let plain = try? decode(value, key: "c1", with: &decoder) else { continue }
            accepted += 1
            #expect(plain.customer == "c1", "seed \(seed), round \(round)")
            #expect(
                !plain.id.isEmpty && !plain.kind.isEmpty && !plain.region.isEmpty, "seed \(seed), \(round)")
            #expect((0...EventTimeText.latest).contains(plain.time), "seed \(seed), round \(round)")
            #expect(plain.bytes >= 0, "seed \(seed), round \(round)")
        }
        #expect(accepted > 50, "seed \(seed)")
    }

    /// What this scanner accepts, Foundation's accepts; the other way round Foundation is more lenient.
    @Test(arguments: [11 as UInt64, 12])
    func whatIsAcceptedIsJSONForFoundationToo(seed: UInt64) {
        let seedText = #"{"a":[1,-2.5e+3,true,null,{"b":"\u00e9\n\ud83d\ude00","c":[[]]}],"é":0.1}"#
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for round in 0..<4_000 {
            var bytes = Array(seedText.utf8)
            Self.mutate(&bytes, &random)
            guard accepts(bytes) else { continue }
            accepted += 1
            let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(other != nil, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(accepted > 50, "seed \(seed)")
    }
}
