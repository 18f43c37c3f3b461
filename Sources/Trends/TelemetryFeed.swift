import Contracts

/// The telemetry source: samples that wait for their window, and the newest window of each partition.
///
/// What counts as late is decided by the telemetry alone, never by how far the trends are. No single partition decides it:
/// a sample that is far ahead of all other partitions is kept, but closes no window, until another one gets there.
struct TelemetryFeed: Sendable {
    private let grid: WindowGrid
    private var clock: ConfirmedClock
    private var waiting = Queue<Telemetry>()  // in order of windows
    private var newestTime: [EventTime]  // by partition; of samples that waited
    private var held: [[Telemetry]]  // by partition; ahead of the clock, in order of time
    private var heldCount = 0
    private var windows: [TelemetryWindow?]  // by partition; the newest one folded
    private(set) var isIdle = false

    /// Samples of a partition that are kept ahead of the clock at most; then the oldest of them are dropped.
    private static let heldMax = 100

    init(partitions: Int, grid: WindowGrid, stepMillis: Int64) {
        self.grid = grid
        clock = ConfirmedClock(stepMillis: stepMillis, windowMillis: grid.length)
        newestTime = Array(repeating: .min, count: partitions)
        held = Array(repeating: [], count: partitions)
        windows = Array(repeating: nil, count: partitions)
    }

    /// The time that the partitions share, within what a grid can cut.
    private var progress: EventTime? { clock.time.map { WindowGrid.clamp($0) } }

    /// How many samples wait.
    var count: Int { waiting.count + heldCount }

    /// How many samples were ahead of the clock when they came.
    var heldBack: Int64 { clock.heldBack }

    /// End of the window of the sample that waits first.
    var nextEnd: EventTime? { waiting.first.map { grid.end(of: $0.time) } }

    /// Windows may be planned up to here as far as telemetry goes; nil before anything was heard.
    var limit: EventTime? { isIdle ? .max : progress.map { grid.start(of: $0) } }

    /// End of the first window that has not been left behind.
    var firstOpenEnd: EventTime { progress.map { grid.end(of: $0) } ?? -WindowGrid.farthest }

    /// Takes a sample in. False if it is of an unknown partition, not newer than the partition's last one, or
    /// of a window that the telemetry has already left behind.
    ///
    /// A partition that has been ahead of the clock and is back has no future any more: what it said of that is dropped.
    mutating func accept(_ sample: Telemetry) -> Bool {
        isIdle = false
        let partition = Int(sample.partition)
        guard partition < newestTime.count else { return false }
        let before = progress
        let now = clock.hear(sample.time, from: UInt64(partition))
        drop(partition, notBefore: sample.time)
        guard sample.time > newestTime[partition] else { return isRefused() }
        if let before, grid.end(of: sample.time) <= before { return isRefused() }
        if sample.time <= now, heldCount == 0 {
            newestTime[partition] = sample.time
            waiting.append(sample)
            return true
        }
        hold(sample)
        release()
        return true
    }

    /// Even a sample that is of no use may have confirmed another.
    private mutating func isRefused() -> Bool {
        release()
        return false
    }

    private mutating func hold(_ sample: Telemetry) {
        let partition = Int(sample.partition)
        held[partition].append(sample)
        heldCount += 1
        if held[partition].count > Self.heldMax {
            held[partition].removeFirst()
            heldCount -= 1
        }
    }

    private mutating func drop(_ partition: Int, notBefore time: EventTime) {
        while let last = held[partition].last, last.time >= time {
            held[partition].removeLast()
            heldCount -= 1
        }
    }

    /// Lets those wait that the clock has come to: after all that waits already, as their windows are not before the one
    /// that the clock was in.
    private mutating func release() {
        guard heldCount > 0, let now = clock.time else { return }
        var due: [Telemetry] = []
        for partition in held.indices where (held[partition].first?.time ?? .max) <= now {
            let count = held[partition].prefix { $0.time <= now }.count
            due += held[partition].prefix(count)
            newestTime[partition] = held[partition][count - 1].time
            held[partition].removeFirst(count)
        }
        heldCount -= due.count
        due.sort { ($0.time, $0.partition) < ($1.time, $1.partition) }
        for sample in due { waiting.append(sample) }
    }

    /// Whether a mark would be believed.
    func believes(mark time: EventTime) -> Bool { clock.believes(mark: time) }

    /// Takes a mark. False if it is so far after the newest sample that it is not believed: then nothing changes.
    mutating func mark(completeThrough: EventTime?, idle: Bool) -> Bool {
        if let time = completeThrough {
            guard clock.believes(mark: time) else { return false }
            _ = clock.mark(time)
            release()
        }
        isIdle = idle
        return true
    }

    /// Folds the samples of windows up to `end`, and hands each out. True if there were any.
    mutating func fold(through end: EventTime, _ body: (Telemetry) -> Void) -> Bool {
        var found = false
        while let sample = waiting.first, grid.end(of: sample.time) <= end {
            add(sample)
            body(sample)
            waiting.removeFirst()
            found = true
        }
        return found
    }

    /// The partition's window that ends at `end`, if it sent anything usable in it.
    func window(of partition: PartitionIndex, endingAt end: EventTime) -> TelemetryWindow? {
        window(of: partition, endingAt: end, staleness: 1)
    }

    /// The partition's newest window among the `staleness` windows up to `end`, if it is usable.
    func window(
        of partition: PartitionIndex, endingAt end: EventTime, staleness: Int
    ) -> TelemetryWindow? {
        guard let window = windows[Int(partition)], !window.isMalformed else { return nil }
        return end - window.windowEnd < Int64(staleness) * grid.length ? window : nil
    }

    private mutating func add(_ sample: Telemetry) {
        let end = grid.end(of: sample.time)
        let partition = Int(sample.partition)
        var window = windows[partition] ?? TelemetryWindow(windowEnd: end)
        if window.windowEnd != end { window = TelemetryWindow(windowEnd: end) }
        window.add(sample)
        windows[partition] = window
    }
}

/// As bytes.
extension TelemetryFeed {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(waiting.count))
        for sample in waiting.all { sample.encode(into: &state) }
        for time in newestTime { state.write(time) }
        for window in windows {
            state.write(window != nil)
            window?.encode(into: &state)
        }
        clock.encode(into: &state)
        state.write(UInt64(heldCount))
        for samples in held { for sample in samples { sample.encode(into: &state) } }
        state.write(isIdle)
    }

    /// Takes over what `encode` wrote into a feed that has heard nothing. In older snapshots the clock is but a time.
    mutating func restore(_ reader: inout StateReader, isConfirmed: Bool) throws(StateFailure) {
        let partitions = newestTime.count
        waiting = Queue()
        for _ in 0..<(try reader.count(limit: .max, "samples")) {
            waiting.append(try Telemetry(&reader, partitions))
        }
        for i in newestTime.indices { newestTime[i] = try reader.read() }
        for i in windows.indices {
            let isThere: Bool = try reader.read()
            windows[i] = isThere ? try TelemetryWindow(&reader) : nil
        }
        if isConfirmed {
            try clock.restore(&reader)
            try restoreHeld(&reader)
        } else {
            let isHeard: Bool = try reader.read()
            let time: EventTime = try reader.read()
            clock = ConfirmedClock(
                stepMillis: clock.stepMillis, windowMillis: grid.length, time: isHeard ? time : nil)
        }
        isIdle = try reader.read()
    }

    private mutating func restoreHeld(_ reader: inout StateReader) throws(StateFailure) {
        held = Array(repeating: [], count: newestTime.count)
        heldCount = try reader.count(limit: newestTime.count * Self.heldMax, "samples ahead")
        for _ in 0..<heldCount {
            let sample = try Telemetry(&reader, newestTime.count)
            held[Int(sample.partition)].append(sample)
        }
    }
}

extension Telemetry {
    fileprivate func encode(into state: inout StateWriter) {
        state.write(partition)
        let figures = [
            time, reads, writes, errors, latencyP50Micros, latencyP99Micros, utilisationMilli,
            replicaLagMillis,
            divergenceSampled, divergenceFound,
        ]
        for figure in figures { state.write(figure) }
    }

    fileprivate init(_ reader: inout StateReader, _ partitions: Int) throws(StateFailure) {
        self.init(
            partition: try reader.index(below: partitions, "partition"), time: try reader.read(),
            reads: try reader.read(),
            writes: try reader.read(), errors: try reader.read(), latencyP50Micros: try reader.read(),
            latencyP99Micros: try reader.read(), utilisationMilli: try reader.read(),
            replicaLagMillis: try reader.read(), divergenceSampled: try reader.read(),
            divergenceFound: try reader.read())
    }
}
