import Contracts

/// What followed any customer's accesses in many contexts: a row of counts per partition for each of them.
///
/// What is read is the state as of the last window boundary; what is counted becomes visible at the next one.
/// Counts are integers, so the order in which customers come does not matter. Contexts are told apart by a
/// 64-bit hash. Their number is bounded: at a boundary those that were seen least make way.
struct ContextRows {
    /// A row that holds nothing: that of every context that is not known.
    static let empty = 0

    /// Floats from one row to the next: the partitions, rounded up to whole vectors of 8.
    let stride: Int
    /// Counts, row by row, as of the last boundary.
    private(set) var visible: [Float]
    /// Their sums.
    private(set) var sums: [Float]

    private let partitions: Int
    private let limit: Int
    private var keys: [UInt64] = [0]
    private var live: [UInt32]
    private var liveSums: [UInt32] = [0]
    private var marks: [UInt8] = [0]
    private var changed: [UInt32] = []
    private var unsaved: [UInt32] = []
    private var evicted: [UInt64] = []
    /// Rows by hash of their context, `empty` where there is none: open addressing, a power of two.
    private var table: [UInt32]

    private static let isChanged: UInt8 = 1
    private static let isUnsaved: UInt8 = 2
    /// A row is halved when its sum reaches this.
    private static let ageLimit: UInt32 = 1 << 24

    /// Rows over `partitions`, as many as fit into `cells` counts.
    init(partitions: Int, cells: Int) {
        self.partitions = partitions
        stride = (partitions + 7) / 8 * 8
        limit = max(64, cells / stride)
        visible = Array(repeating: 0, count: stride)
        live = Array(repeating: 0, count: stride)
        sums = [0]
        table = Array(repeating: 0, count: 1_024)
    }

    /// How many contexts are known.
    var count: Int { keys.count - 1 }

    /// Bytes held.
    var bytes: Int { keys.capacity * 21 + (visible.capacity + live.capacity + table.capacity) * 4 }

    /// The row of a context; `empty` if it is not known. The context is a hash, and not 0.
    @inline(__always)
    func find(_ context: UInt64) -> Int {
        let mask = table.count - 1
        var at = Int(truncatingIfNeeded: context) & mask
        while table[at] != 0 {
            if keys[Int(table[at])] == context { return Int(table[at]) }
            at = (at + 1) & mask
        }
        return Self.empty
    }

    /// Eight counts of a row from the partition `at` on, smoothed by `weight` accesses' worth of `base`.
    @inline(__always)
    func smooth(_ row: Int, _ at: Int, _ weight: Float, _ base: SIMD8<Float>) -> SIMD8<Float> {
        (visible.eight(row * stride + at) + weight * base) / (sums[row] + weight)
    }

    /// One of them.
    @inline(__always)
    func smooth(_ row: Int, at: Int, _ weight: Float, _ base: Float) -> Float {
        (visible[row * stride + at] + weight * base) / (sums[row] + weight)
    }

    /// Counts what followed in a context whose row `find` gave.
    mutating func count(_ context: UInt64, row: Int, _ partition: PartitionIndex) {
        let row = row == Self.empty ? insert(context) : row
        if row == Self.empty { return }
        live[row * stride + Int(partition)] &+= 1
        liveSums[row] &+= 1
        if marks[row] & Self.isChanged == 0 { changed.append(UInt32(row)) }
        marks[row] |= Self.isChanged
        noteUnsaved(row)
    }

    @inline(__always)
    private mutating func noteUnsaved(_ row: Int) {
        if marks[row] & Self.isUnsaved == 0 { unsaved.append(UInt32(row)) }
        marks[row] |= Self.isUnsaved
    }

    /// Makes what was counted visible.
    mutating func freeze() {
        for row in changed { freeze(Int(row)) }
        changed.removeAll(keepingCapacity: true)
        if count > limit { evict() }
    }

    private mutating func freeze(_ row: Int) {
        marks[row] &= ~Self.isChanged
        noteUnsaved(row)
        let range = row * stride..<row * stride + partitions
        if liveSums[row] >= Self.ageLimit {
            for i in range { live[i] /= 2 }
            liveSums[row] = live[range].reduce(0, +)
        }
        for i in range { visible[i] = Float(live[i]) }
        sums[row] = Float(liveSums[row])
    }

    /// A row for a context that has none; `empty` when a window has brought too many of them.
    private mutating func insert(_ context: UInt64) -> Int {
        let known = find(context)
        if known != Self.empty || count >= 2 * limit { return known }
        let row = keys.count
        keys.append(context)
        liveSums.append(0)
        sums.append(0)
        marks.append(0)
        visible.append(contentsOf: repeatElement(0, count: stride))
        live.append(contentsOf: repeatElement(0, count: stride))
        if keys.count * 2 > table.count {
            table = Array(repeating: 0, count: table.count * 2)
            enterAll()
        } else {
            enter(row)
        }
        return row
    }

    private mutating func enterAll() {
        for row in keys.indices.dropFirst() { enter(row) }
    }

    private mutating func enter(_ row: Int) {
        let mask = table.count - 1
        var at = Int(truncatingIfNeeded: keys[row]) & mask
        while table[at] != 0 { at = (at + 1) & mask }
        table[at] = UInt32(row)
    }

    /// Leaves three quarters of the limit: those with the most counts, of equals those with the lesser hash.
    private mutating func evict() {
        let order = keys.indices.dropFirst().sorted {
            liveSums[$0] != liveSums[$1] ? liveSums[$0] > liveSums[$1] : keys[$0] < keys[$1]
        }
        let kept = order.prefix(limit * 3 / 4)
        evicted += order.dropFirst(kept.count).map { keys[$0] }.sorted()
        keep(kept.sorted())
    }

    /// Gives up all rows but these, which are ascending.
    private mutating func keep(_ rows: [Int]) {
        for (i, row) in rows.enumerated() { move(row, to: i + 1) }
        let end = rows.count + 1
        keys.removeSubrange(end...)
        liveSums.removeSubrange(end...)
        sums.removeSubrange(end...)
        marks.removeSubrange(end...)
        visible.removeSubrange((end * stride)...)
        live.removeSubrange((end * stride)...)
        changed = keys.indices.filter { marks[$0] & Self.isChanged != 0 }.map { UInt32($0) }
        unsaved = keys.indices.filter { marks[$0] & Self.isUnsaved != 0 }.map { UInt32($0) }
        for i in table.indices { table[i] = 0 }
        enterAll()
    }

    private mutating func move(_ row: Int, to: Int) {
        if row == to { return }
        keys[to] = keys[row]
        liveSums[to] = liveSums[row]
        sums[to] = sums[row]
        marks[to] = marks[row]
        for i in 0..<stride {
            visible[to * stride + i] = visible[row * stride + i]
            live[to * stride + i] = live[row * stride + i]
        }
    }
}

/// As bytes.
extension ContextRows {
    /// How many rows changed since the last `takeChanges`.
    var changes: Int { unsaved.count + evicted.count }

    /// Hands out each row that changed since the last call, with its counts, or nil if it made way.
    mutating func takeChanges(_ body: (_ context: UInt64, _ state: RawSpan?) -> Void) {
        var state = StateWriter()
        for row in unsaved {
            let row = Int(row)
            marks[row] &= ~Self.isUnsaved
            state.removeAll()
            encode(row, into: &state)
            body(keys[row], state.written)
        }
        for context in evicted where find(context) == Self.empty { body(context, nil) }
        unsaved.removeAll(keepingCapacity: true)
        evicted.removeAll()
    }

    private func encode(_ row: Int, into state: inout StateWriter) {
        let first = row * stride
        let columns = (0..<partitions).filter { live[first + $0] != 0 }
        state.write(UInt32(columns.count))
        for k in columns {
            state.write(UInt32(k))
            state.write(live[first + k])
            state.write(UInt32(visible[first + k]))
        }
    }

    /// Takes a row over, in place of what was known of the context; nil: it made way.
    mutating func restore(_ context: UInt64, _ state: RawSpan?) throws(StateFailure) {
        if context == 0 { throw .outOfRange("a context") }
        var row = find(context)
        guard let state else {
            if row != Self.empty { clear(row) }
            return
        }
        if row == Self.empty { row = insert(context) }
        if row == Self.empty { throw .outOfRange("more contexts than there is room for") }
        clear(row)
        var reader = StateReader(state)
        let columns = try reader.count(limit: partitions, "counts")
        for _ in 0..<columns {
            let at = row * stride + (try reader.count(limit: partitions - 1, "a partition"))
            live[at] = UInt32(try reader.count(limit: 1 << 30, "a count"))
            let seen = try reader.count(limit: 1 << 30, "a count")
            visible[at] = Float(seen)
            sums[row] += Float(seen)
            liveSums[row] &+= live[at]
        }
        try reader.finish()
        if Float(liveSums[row]) != sums[row], marks[row] & Self.isChanged == 0 {
            marks[row] |= Self.isChanged
            changed.append(UInt32(row))
        }
    }

    /// The last step of a restore: rows that made way are gone for good.
    mutating func finishRestore() { keep(keys.indices.filter { liveSums[$0] > 0 }) }

    private mutating func clear(_ row: Int) {
        for i in row * stride..<(row + 1) * stride {
            visible[i] = 0
            live[i] = 0
        }
        sums[row] = 0
        liveSums[row] = 0
    }
}
