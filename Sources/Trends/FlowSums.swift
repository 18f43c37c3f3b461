import Contracts

/// The sums per (home, partition), and which of them differ from what was last published.
///
/// Sums wrap instead of trapping: taking out what was put in then restores them whatever happened between.
struct FlowSums: Sendable {
    fileprivate struct Cell: Sendable {
        var high: Int64 = 0
        var volume: Int64 = 0
        var rate: Int64 = 0
        var accesses: Int64 = 0
        var publishedHigh: Int64 = 0
        var publishedVolume: Int64 = 0
        var publishedRate: Int64 = 0
        var publishedAccesses: Int64 = 0
        var isTouched = false
    }

    fileprivate struct Home: Sendable {
        var customers: Int64 = 0
        var publishedCustomers: Int64 = 0
        var cells: [Cell] = []
    }

    private var homes: [Home] = []
    private var touched: [UInt32] = []  // home << 16 | partition

    mutating func add(_ contribution: borrowing Contribution) { apply(contribution, sign: 1) }

    mutating func subtract(_ contribution: borrowing Contribution) { apply(contribution, sign: -1) }

    /// Counts an access that `home`'s customers made from `partition`.
    mutating func count(access partition: PartitionIndex, home: PartitionIndex) {
        while homes.count <= Int(home) { homes.append(Home()) }
        homes[Int(home)].touch(partition, home: home, &touched)
        homes[Int(home)].cells[Int(partition)].accesses &+= 1
    }

    /// The flows that differ from what this last returned, ordered by home, then partition.
    ///
    /// A change of a home's customers alone shows in its own flow (home, home) only: each flow of a home
    /// carries the count, so the newest flow of any partition tells it.
    mutating func takeChanges() -> [Flow] {
        var flows: [Flow] = []
        touched.sort()
        for key in touched {
            let (home, partition) = (Int(key >> 16), Int(key & 0xFFFF))
            if let flow = takeChange(home, partition) { flows.append(flow) }
        }
        for key in touched { homes[Int(key >> 16)].publishCustomers() }
        touched.removeAll(keepingCapacity: true)
        return flows
    }

    private mutating func takeChange(_ home: Int, _ partition: Int) -> Flow? {
        let customers = homes[home].customers
        let isCountNew = home == partition && customers != homes[home].publishedCustomers
        guard homes[home].cells[partition].publish() || isCountNew else { return nil }
        let cell = homes[home].cells[partition]
        return Flow(
            home: PartitionIndex(home), partition: PartitionIndex(partition), customers: customers,
            highCustomers: cell.high, anticipatedVolume: cell.volume, anticipatedAccesses: cell.rate,
            accesses: cell.accesses)
    }

    private mutating func apply(_ contribution: borrowing Contribution, sign: Int64) {
        let home = Int(contribution.home)
        while homes.count <= home { homes.append(Home()) }
        homes[home].apply(contribution, sign: sign, touched: &touched)
    }
}

extension FlowSums.Cell {
    fileprivate mutating func add(_ part: Contribution.Part, sign: Int64) {
        if part.isHigh { high &+= sign }
        volume &+= sign &* part.volume
        rate &+= sign &* part.rate
    }

    /// Takes note that the sums are being published; false if they already were.
    fileprivate mutating func publish() -> Bool {
        isTouched = false
        if high == publishedHigh, volume == publishedVolume, rate == publishedRate,
            accesses == publishedAccesses
        {
            return false
        }
        publishedHigh = high
        publishedVolume = volume
        publishedRate = rate
        publishedAccesses = accesses
        return true
    }
}

extension FlowSums.Home {
    fileprivate mutating func apply(
        _ contribution: borrowing Contribution, sign: Int64, touched: inout [UInt32]
    ) {
        customers &+= sign
        touch(contribution.home, home: contribution.home, &touched)
        for part in contribution.parts {
            touch(part.partition, home: contribution.home, &touched)
            cells[Int(part.partition)].add(part, sign: sign)
        }
    }

    fileprivate mutating func touch(
        _ partition: PartitionIndex, home: PartitionIndex, _ touched: inout [UInt32]
    ) {
        let place = Int(partition)
        while cells.count <= place { cells.append(FlowSums.Cell()) }
        if cells[place].isTouched { return }
        cells[place].isTouched = true
        touched.append(UInt32(home) << 16 | UInt32(partition))
    }

    fileprivate mutating func publishCustomers() { publishedCustomers = customers }
}

/// What was published and the accesses, as bytes; the other sums come from the contributions.
extension FlowSums {
    func encodePublished(into state: inout StateWriter) {
        state.write(UInt32(homes.count))
        for home in homes {
            state.write(home.publishedCustomers)
            state.write(UInt32(home.cells.count))
            for cell in home.cells {
                state.write(cell.publishedHigh)
                state.write(cell.publishedVolume)
                state.write(cell.publishedRate)
                state.write(cell.publishedAccesses)
                state.write(cell.accesses)
            }
        }
    }

    /// Reads what was published. Every flow counts as touched afterwards: what does not differ from what was
    /// published is not published again.
    mutating func decodePublished(_ reader: inout StateReader) throws(StateFailure) {
        let limit = Int(PartitionIndex.max) + 1
        let count = try reader.count(limit: limit, "homes")
        while homes.count < count { homes.append(Home()) }
        for home in 0..<count {
            homes[home].publishedCustomers = try reader.read()
            for cell in 0..<(try reader.count(limit: limit, "partitions")) {
                homes[home].touch(PartitionIndex(cell), home: PartitionIndex(home), &touched)
                homes[home].cells[cell].publishedHigh = try reader.read()
                homes[home].cells[cell].publishedVolume = try reader.read()
                homes[home].cells[cell].publishedRate = try reader.read()
                homes[home].cells[cell].publishedAccesses = try reader.read()
                homes[home].cells[cell].accesses = try reader.read()
            }
        }
    }
}
