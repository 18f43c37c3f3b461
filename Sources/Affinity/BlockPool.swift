/// A run of elements in a `BlockPool`. All zero is a block that holds nothing.
struct Block: BitwiseCopyable {
    var start: UInt32 = 0
    var count: UInt16 = 0
    var capacity: UInt16 = 0

    /// Where the elements lie in the pool.
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// Many small growing lists in one array, so that a customer costs no allocation of its own.
///
/// Capacities are powers of two. A list that outgrows its block moves to one of twice the size, and the old
/// block waits in the free list of its size.
struct BlockPool<Element: BitwiseCopyable> {
    var elements: [Element] = []
    private let filler: Element
    private var free: [[UInt32]] = Array(repeating: [], count: 17)

    init(filler: Element) { self.filler = filler }

    /// Bytes the pool holds, used or not.
    var bytes: Int {
        elements.capacity * MemoryLayout<Element>.stride
            + free.reduce(0) { $0 + $1.capacity * MemoryLayout<UInt32>.stride }
    }

    @inline(__always)
    mutating func append(_ element: Element, to block: inout Block) {
        if block.count == block.capacity { grow(&block) }
        elements[Int(block.start) + Int(block.count)] = element
        block.count += 1
    }

    /// Moves the block's elements to a block of twice the capacity.
    private mutating func grow(_ block: inout Block) {
        precondition(block.capacity < 32_768, "a block holds at most 32,768 elements")
        let capacity = max(1, block.capacity * 2)
        let start = take(capacity)
        for i in 0..<Int(block.count) { elements[start + i] = elements[Int(block.start) + i] }
        let count = block.count
        release(&block)
        block = Block(start: UInt32(start), count: count, capacity: capacity)
    }

    /// Gives the block back. It holds nothing afterwards.
    mutating func release(_ block: inout Block) {
        if block.capacity > 0 { free[block.capacity.trailingZeroBitCount].append(block.start) }
        block = Block()
    }

    /// Makes the block's capacity at least `count`, a power of two, in one step. The block must be empty.
    mutating func reserve(_ count: Int, for block: inout Block) {
        var capacity: UInt16 = 1
        while capacity < count { capacity *= 2 }
        release(&block)
        block = Block(start: UInt32(take(capacity)), count: 0, capacity: capacity)
    }

    private mutating func take(_ capacity: UInt16) -> Int {
        if let start = free[capacity.trailingZeroBitCount].popLast() { return Int(start) }
        let start = elements.count
        precondition(start + Int(capacity) <= Int(UInt32.max), "the pool is full")
        elements.append(contentsOf: repeatElement(filler, count: Int(capacity)))
        return start
    }
}
