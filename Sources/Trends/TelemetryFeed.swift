import Contracts

/// The telemetry source: samples that wait for their window, and the newest window of each partition.
///
/// What counts as late is decided by the telemetry alone, never by how far the trends are.
struct TelemetryFeed: Sendable {
    private let grid: WindowGrid
    private var waiting = Queue<Telemetry>()  // in order of windows
    private var newestTime: [EventTime]  // by partition
    private var windows: [TelemetryWindow?]  // by partition; the newest one folded
    private(set) var progress: EventTime?
    private(set) var isIdle = false

    init(partitions: Int, grid: WindowGrid) {
        self.grid = grid
        newestTime = Array(repeating: .min, count: partitions)
        windows = Array(repeating: nil, count: partitions)
    }

    /// How many samples wait.
    var count: Int { waiting.count }

    /// End of the window of the sample that waits first.
    var nextEnd: EventTime? { waiting.first.map { grid.end(of: $0.time) } }

    /// Windows may be planned up to here as far as telemetry goes; nil before anything was heard.
    var limit: EventTime? { isIdle ? .max : progress.map { grid.start(of: $0) } }

    /// End of the first window that has not been left behind.
    var firstOpenEnd: EventTime { progress.map { grid.end(of: $0) } ?? -WindowGrid.farthest }

    /// Takes a sample in. False if it is of an unknown partition, not newer than the partition's last one, or
    /// of a window that the telemetry has already left behind.
    mutating func accept(_ sample: Telemetry) -> Bool {
        isIdle = false
        let partition = Int(sample.partition)
        guard partition < newestTime.count, sample.time > newestTime[partition] else { return false }
        if let progress, grid.end(of: sample.time) <= progress { return false }
        newestTime[partition] = sample.time
        progress = max(progress ?? .min, sample.time)
        waiting.append(sample)
        return true
    }

    mutating func mark(completeThrough: EventTime?, idle: Bool) {
        if let time = completeThrough { progress = max(progress ?? .min, time) }
        isIdle = idle
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
        state.write(progress != nil)
        state.write(progress ?? 0)
        state.write(isIdle)
    }

    init(_ reader: inout StateReader, partitions: Int, grid: WindowGrid) throws(StateFailure) {
        self.init(partitions: partitions, grid: grid)
        for _ in 0..<(try reader.count(limit: .max, "samples")) {
            waiting.append(try Telemetry(&reader, partitions))
        }
        for i in newestTime.indices { newestTime[i] = try reader.read() }
        for i in windows.indices {
            let isThere: Bool = try reader.read()
            windows[i] = isThere ? try TelemetryWindow(&reader) : nil
        }
        let isHeard: Bool = try reader.read()
        let time: EventTime = try reader.read()
        progress = isHeard ? time : nil
        isIdle = try reader.read()
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
