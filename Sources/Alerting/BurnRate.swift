import Contracts

/// How fast a partition spends its error budget over a long and a short window: sums in a ring of slots, some six of
/// which make the short window, so that memory does not grow as windows get short.
struct BurnRate: Sendable, Equatable {
    private struct Slot: Equatable {
        var requests: Int64 = 0
        var errors: Int64 = 0
    }

    private let slotWindows: Int64
    private let shortSlots: Int
    private var slots: [Slot]  // the long window
    private var place = 0
    private var windows: Int64 = 0  // in the slot at `place`
    private let longWindows: Int64
    private var seen: Int64 = 0  // windows, at most the long one's

    init(_ limit: BurnLimit, windowMillis: Int64) {
        let short = (limit.shortMillis - 1) / windowMillis + 1
        let long = (limit.longMillis - 1) / windowMillis + 1
        longWindows = long
        slotWindows = max(1, short / 6)
        shortSlots = Int((short - 1) / slotWindows + 1)
        slots = Array(repeating: Slot(), count: Int((long - 1) / slotWindows + 1))
    }

    /// Takes in a window.
    mutating func add(requests: Int64, errors: Int64) {
        if windows == slotWindows {
            place = place + 1 == slots.count ? 0 : place + 1
            slots[place] = Slot()
            windows = 0
        }
        slots[place].requests = Amount.sum(slots[place].requests, requests)
        slots[place].errors = Amount.sum(slots[place].errors, errors)
        windows += 1
        seen = min(seen + 1, longWindows)
    }

    /// Errors and burn rates: part of failed requests by the part that is allowed. What of the long window was before
    /// the first one seen counts as the same traffic without errors: a bad minute is no bad three days.
    func rates(perMillion: Int64) -> (errors: Double, long: Double, short: Double) {
        let (long, short) = (sums(slots.count), sums(shortSlots))
        let allowed = Double(perMillion) / 1_000_000
        return (
            long.errors,
            long.errors / max(1, long.requests) / allowed * Double(seen) / Double(longWindows),
            short.errors / max(1, short.requests) / allowed
        )
    }

    /// Sums of the newest slots.
    private func sums(_ count: Int) -> (requests: Double, errors: Double) {
        var (requests, errors) = (0.0, 0.0)
        for back in 0..<count {
            let slot = slots[(place - back + slots.count) % slots.count]
            requests += Double(slot.requests)
            errors += Double(slot.errors)
        }
        return (requests, errors)
    }
}

/// As bytes.
extension BurnRate {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(slots.count))
        state.write(UInt64(place))
        state.write(windows)
        state.write(seen)
        for slot in slots {
            state.write(slot.requests)
            state.write(slot.errors)
        }
    }

    init(_ limit: BurnLimit, windowMillis: Int64, _ reader: inout StateReader) throws(StateFailure) {
        self.init(limit, windowMillis: windowMillis)
        let written = try reader.count(limit: 1 << 20, "slots")
        if written != slots.count { throw .otherShape("\(written) slots, not \(slots.count)") }
        place = try reader.count(limit: slots.count - 1, "a place")
        windows = try reader.read(in: 0...slotWindows, "windows")
        seen = try reader.read(in: 0...longWindows, "windows")
        for i in slots.indices {
            slots[i].requests = try reader.read(in: 0...Int64.max, "requests")
            slots[i].errors = try reader.read(in: 0...slots[i].requests, "errors")
        }
    }
}
