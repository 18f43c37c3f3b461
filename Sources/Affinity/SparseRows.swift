import Contracts

/// A weighted pair of a context (a partition, an hour) and the partition that followed it.
struct Pair: BitwiseCopyable {
    /// The row in the upper half, the column in the lower.
    var key: UInt32
    var weight: Float

    var row: UInt16 { UInt16(truncatingIfNeeded: key >> 16) }
    var column: Int { Int(key & 0xFFFF) }
}

/// Sparse count matrices, one per customer, each a block of pairs in the order of row and column.
///
/// A count fades as later accesses come from the same row. The number of pairs per customer is bounded: to
/// make room all weights fade a little and the weakest goes, so that what is never seen again makes way in
/// the end, however strong it was.
struct SparseRows {
    private(set) var pool = BlockPool<Pair>(filler: Pair(key: 0, weight: 0))
    private let limit: Int
    private let fade: Float

    init(limit: Int, fade: Float) {
        self.limit = limit
        self.fade = fade
    }

    /// Where the pairs of `row` lie in the pool's elements.
    @inline(__always)
    func row(_ row: UInt16, of block: Block) -> Range<Int> {
        let first = lowerBound(UInt32(row) << 16, in: block)
        var end = first
        let limit = block.range.upperBound
        while end < limit, pool.elements[end].row == row { end += 1 }
        return first..<end
    }

    /// Puts the weights of `row` in their columns of `dense`, and gives their sum.
    @inline(__always)
    func spread(_ row: UInt16, of block: Block, to dense: UnsafeMutablePointer<Float>) -> Float {
        var sum: Float = 0
        for i in self.row(row, of: block) {
            let pair = pool.elements[i]
            sum += pair.weight
            dense[pair.column] = pair.weight
        }
        return sum
    }

    /// Fades the row's weights and adds 1 to that of `column`.
    mutating func add(_ row: UInt16, _ column: PartitionIndex, to block: inout Block) {
        let key = UInt32(row) << 16 | UInt32(column)
        var isThere = false
        for i in self.row(row, of: block) {
            pool.elements[i].weight *= fade
            if pool.elements[i].key == key {
                pool.elements[i].weight += 1
                isThere = true
            }
        }
        if isThere { return }
        if Int(block.count) >= limit { dropWeakest(of: &block) }
        insert(Pair(key: key, weight: 1), into: &block)
    }

    /// Gives the customer's pairs back.
    mutating func release(_ block: inout Block) { pool.release(&block) }

    private func lowerBound(_ key: UInt32, in block: Block) -> Int {
        let elements = pool.elements.span
        var low = block.range.lowerBound
        var high = block.range.upperBound
        while low < high {
            let middle = (low &+ high) >> 1
            if elements[middle].key < key { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    private mutating func insert(_ pair: Pair, into block: inout Block) {
        pool.append(pair, to: &block)
        var at = block.range.upperBound - 1
        while at > block.range.lowerBound, pool.elements[at - 1].key > pair.key {
            pool.elements[at] = pool.elements[at - 1]
            at -= 1
        }
        pool.elements[at] = pair
    }

    private mutating func dropWeakest(of block: inout Block) {
        var weakest = block.range.lowerBound
        for i in block.range {
            pool.elements[i].weight *= 0.95
            if pool.elements[i].weight < pool.elements[weakest].weight { weakest = i }
        }
        for i in weakest..<block.range.upperBound - 1 { pool.elements[i] = pool.elements[i + 1] }
        block.count -= 1
    }

    /// Writes the customer's pairs.
    func encode(_ block: Block, into state: inout StateWriter) {
        state.write(block.count)
        state.write(bits: pool.elements.span.extracting(block.range))
    }

    /// Reads what `encode` wrote into an empty block.
    mutating func decode(
        _ reader: inout StateReader, rows: Int, columns: Int, to block: inout Block
    ) throws(StateFailure) {
        let count = try reader.count(limit: limit, "pairs")
        if count > 0 { pool.reserve(count, for: &block) }
        var last: UInt32?
        for _ in 0..<count {
            let pair = try reader.read(bits: Pair.self)
            guard Int(pair.row) < rows, pair.column < columns, pair.key > last ?? 0 || last == nil,
                pair.weight >= 0, pair.weight < 1e9
            else { throw .outOfRange("a pair") }
            last = pair.key
            pool.append(pair, to: &block)
        }
    }
}
