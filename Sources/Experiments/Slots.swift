/// Which variant holds each thousandth of the hashes.
///
/// The control holds what is left. The others share lanes in pairs: the first of a pair grows from its lane's
/// beginning up, the second from its end down. So a variant that grows at the control's cost takes from the control
/// only, and nobody else moves. That holds for all shares of up to three variants; with more, as long as each pair
/// has room in its lane. (No rule without a memory can promise it for all shares of four.)
struct Slots: Sendable, Equatable {
    private var holders: [UInt8]

    /// The slots under these shares: thousandths that sum to 1,000, at most 255 of them.
    init(sharesMilli: [Int64]) {
        holders = Array(repeating: 0, count: 1_000)
        let pairs = max(1, sharesMilli.count / 2)
        var missing = sharesMilli.map(Int.init)
        for variant in sharesMilli.indices.dropFirst() {
            let pair = (variant - 1) / 2
            let lane = (1_000 * pair / pairs)..<(1_000 * (pair + 1) / pairs)
            if variant % 2 == 1 {
                claim(lane, for: variant, &missing[variant])
            } else {
                claim(lane.reversed(), for: variant, &missing[variant])
            }
        }
        for variant in sharesMilli.indices.dropFirst() {
            claim((0..<1_000).reversed(), for: variant, &missing[variant])
        }
    }

    private mutating func claim(_ places: some Sequence<Int>, for variant: Int, _ missing: inout Int) {
        for place in places {
            if missing <= 0 { return }
            if holders[place] == 0 {
                holders[place] = UInt8(truncatingIfNeeded: variant)
                missing -= 1
            }
        }
    }

    /// The variant that holds `hash`.
    @inline(__always)
    func holder(of hash: UInt64) -> Int {
        Int(holders[Int(truncatingIfNeeded: hash.multipliedFullWidth(by: 1_000).high)])
    }
}
