/// The entries of a vector, ascending: the first eight lie in place, so that a decision reads one piece of memory.
struct EntryList: Sendable, Equatable {
    private static let inPlaceMax = 8

    private var first: InlineArray<8, CustomerState.Entry>
    private var more: [CustomerState.Entry] = []
    private(set) var count = 0

    init() {
        first = InlineArray(repeating: CustomerState.Entry(partition: 0, share: 0, next: 0, isHigh: false))
    }

    @inline(__always)
    subscript(place: Int) -> CustomerState.Entry {
        get { place < Self.inPlaceMax ? first[place] : more[place - Self.inPlaceMax] }
        set {
            if place < Self.inPlaceMax {
                first[place] = newValue
            } else {
                more[place - Self.inPlaceMax] = newValue
            }
        }
    }

    mutating func removeAll() {
        count = 0
        more.removeAll(keepingCapacity: true)
    }

    /// Moves those from `place` on up by one.
    mutating func insert(_ entry: CustomerState.Entry, at place: Int) {
        if count >= Self.inPlaceMax { more.append(entry) }
        count += 1
        var at = count - 1
        while at > place {
            self[at] = self[at - 1]
            at -= 1
        }
        self[place] = entry
    }

    static func == (a: EntryList, b: EntryList) -> Bool {
        a.count == b.count && (0..<a.count).allSatisfy { a[$0] == b[$0] }
    }
}
