import Contracts

/// Turns a distribution into `ProbabilityUnits` that sum to exactly `probabilityOne`.
///
/// Largest-remainder method (Hamilton): everything is rounded down, and the units left over go to the
/// largest remainders, at equal remainders to the lower index. Remainders are compared to 16 bits.
struct Quantiser {
    /// The remainders of the entries that are not 0: the remainder in the upper half, the lower the index the
    /// larger the lower half. All are different.
    private var remainders: [UInt32]

    init(partitions: Int) { remainders = Array(repeating: 0, count: partitions) }

    /// How many remainders there are in each sixteenth of a unit.
    private typealias Heights = InlineArray<16, Int32>

    /// Rounds `scaled`, which is not negative and sums to `probabilityOne` but for rounding, into `units`.
    ///
    /// An entry of 0 stays 0.
    mutating func round(_ scaled: [Float], into units: inout [ProbabilityUnits]) {
        precondition(scaled.count == remainders.count && units.count == remainders.count)
        var output = units.mutableSpan
        var rests = remainders.mutableSpan
        for k in 0..<scaled.count { output[k] = 0 }
        var left = Int(probabilityOne)
        var kept = 0
        var heights = Heights(repeating: 0)
        for k in 0..<scaled.count where scaled[k] > 0 {
            let fixed = UInt32(scaled[k] * 65_536)
            let whole = fixed >> 16
            output[k] = ProbabilityUnits(truncatingIfNeeded: whole)
            rests[kept] = fixed << 16 | (0xFFFF - UInt32(truncatingIfNeeded: k))
            heights[Int(fixed >> 12 & 15)] &+= 1
            kept += 1
            left -= Int(whole)
        }
        if left > 0 { Self.deal(min(left, kept), heights, rests: &rests, kept, to: &output) }
    }

    /// Gives a unit to each of the `left` largest of the first `kept` remainders: to all that are in a higher
    /// sixteenth than the last one, then to the largest of its sixteenth.
    private static func deal(
        _ left: Int, _ heights: Heights, rests: inout MutableSpan<UInt32>, _ kept: Int,
        to units: inout MutableSpan<ProbabilityUnits>
    ) {
        var cut = 15
        var rest = left
        while cut > 0, Int(heights[cut]) < rest {
            rest -= Int(heights[cut])
            cut -= 1
        }
        var atCut = 0
        for i in 0..<kept {
            let key = rests[i]
            let height = Int(key >> 28)
            units[0xFFFF - Int(key & 0xFFFF)] += height > cut ? 1 : 0
            rests[atCut] = key
            atCut += height == cut ? 1 : 0
        }
        moveLargest(rest, of: atCut, &rests)
        for i in 0..<rest { units[0xFFFF - Int(rests[i] & 0xFFFF)] += 1 }
    }

    /// Brings the `wanted` largest of the first `count` remainders to the front (Hoare's selection).
    private static func moveLargest(_ wanted: Int, of count: Int, _ rests: inout MutableSpan<UInt32>) {
        var low = 0
        var high = count - 1
        while low < high {
            let pivot = rests[(low + high) / 2]
            var i = low
            var j = high
            while i <= j {
                while rests[i] > pivot { i += 1 }
                while rests[j] < pivot { j -= 1 }
                if i <= j {
                    rests.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if wanted - 1 <= j {
                high = j
            } else if wanted - 1 >= i {
                low = i
            } else {
                return
            }
        }
    }
}
