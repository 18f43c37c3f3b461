import Contracts

/// How likely customers are to stay where they are, by their run there, their accesses and their partitions.
///
/// As of the last window boundary.
struct Stays {
    private var chances = [Float](repeating: Self.first, count: Self.classes)
    private var visits = [Int64](repeating: 0, count: Self.classes)
    private var stays = [Int64](repeating: 0, count: Self.classes)

    private static let classes = 10 * 8 * 4
    /// What is assumed where nothing is known, and for how many accesses it counts.
    private static let first: Float = 0.8
    private static let weight: Float = 5

    /// Bytes held.
    static let bytes = classes * 20

    /// The class of a customer.
    @inline(__always)
    static func place(_ customer: borrowing Customer) -> Int {
        let run = min(9, customer.run < 4 ? customer.run : 2 + log2(customer.run))
        let accesses = min(7, log2(min(customer.accesses, 1 << 30) + 1))
        return Int(run * 8 + accesses) * 4 + min(3, Int(customer.slots.count))
    }

    private static func log2(_ n: UInt32) -> UInt32 { UInt32(31 - max(1, n).leadingZeroBitCount) }

    /// The probability of staying.
    @inline(__always)
    func chance(_ place: Int) -> Float { chances[place] }

    /// Counts an access of a customer of that class.
    mutating func count(_ place: Int, isStay: Bool) {
        visits[place] += 1
        if isStay { stays[place] += 1 }
    }

    /// Makes what was counted visible.
    mutating func freeze() {
        for i in 0..<Self.classes where visits[i] > 0 {
            chances[i] = (Float(stays[i]) + Self.first * Self.weight) / (Float(visits[i]) + Self.weight)
        }
    }

    /// Writes what was counted and what of it is visible.
    func encode(into state: inout StateWriter) {
        for i in 0..<Self.classes {
            state.write(visits[i])
            if visits[i] == 0 { continue }
            state.write(stays[i])
            state.write(chances[i])
        }
    }

    /// Takes over what `encode` wrote.
    mutating func restore(_ reader: inout StateReader) throws(StateFailure) {
        for i in 0..<Self.classes {
            visits[i] = try reader.read(in: 0...1 << 56, "accesses")
            if visits[i] == 0 { continue }
            stays[i] = try reader.read(in: 0...visits[i], "stays")
            chances[i] = try reader.read()
            if !(chances[i] > 0 && chances[i] < 1) { throw .outOfRange("a chance") }
        }
    }
}
