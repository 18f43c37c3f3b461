import Contracts

/// Alarms, one per customer at most, at window boundaries: a ring of doubly linked lists.
///
/// An alarm further away than the ring reaches is set as far as it does, and set again when it goes off.
/// Setting, moving and clearing an alarm cost the same however many there are.
struct SilenceWheel {
    private static let size = 1_024
    private static let none = UInt32.max

    private let windowMillis: Int64
    private var heads = [UInt32](repeating: none, count: size)
    private var links: [(previous: UInt32, next: UInt32)] = []
    private(set) var count = 0

    init(windowMillis: Int64) { self.windowMillis = windowMillis }

    /// Bytes held, used or not.
    var bytes: Int { links.capacity * 8 + heads.capacity * 4 }

    /// The latest boundary an alarm can be set at when `first` is the earliest that has not passed. Stays
    /// clear of the list of the boundary before, which may be just being emptied.
    func furthest(from first: EventTime) -> EventTime { first + Int64(Self.size - 2) * windowMillis }

    /// Sets an alarm at the boundary `at`. The customer must have none.
    mutating func insert(_ place: Int, at: EventTime) {
        while links.count <= place { links.append((Self.none, Self.none)) }
        let bucket = bucket(at)
        let head = heads[bucket]
        links[place] = (Self.none, head)
        if head != Self.none { links[Int(head)].previous = UInt32(place) }
        heads[bucket] = UInt32(place)
        count += 1
    }

    /// Clears the alarm that was set at the boundary `at`.
    mutating func remove(_ place: Int, at: EventTime) {
        let link = links[place]
        if link.previous == Self.none {
            heads[bucket(at)] = link.next
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next != Self.none { links[Int(link.next)].previous = link.previous }
        count -= 1
    }

    /// A customer whose alarm is at the boundary `at`, in no particular order; nil when none is left.
    func first(at: EventTime) -> Int? {
        let head = heads[bucket(at)]
        return head == Self.none ? nil : Int(head)
    }

    private func bucket(_ at: EventTime) -> Int {
        Int(truncatingIfNeeded: at / windowMillis) & (Self.size - 1)
    }
}
