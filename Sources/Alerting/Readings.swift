import Contracts

/// The worst readings of the window that is open, by name: of topics, or of experiments.
struct Readings: Sendable, Equatable {
    /// What was read of one.
    struct Reading: Equatable {
        /// The worst of each since the last window was evaluated.
        var worst: [Int64]
        /// Windows evaluated since it was last read; 0 if it was since the last one.
        var silent: Int64 = 0
    }

    /// The most UTF-8 bytes of a name.
    static let nameBytesMax = 512

    private(set) var byName: [String: Reading] = [:]

    init() {}

    /// Takes a reading in; the greater, the worse. False if the name cannot be, or is one too many.
    mutating func add(_ name: String, _ values: [Int64], limit: Int) -> Bool {
        guard !name.isEmpty, name.utf8.count <= Self.nameBytesMax else { return false }
        if let known = byName[name], known.silent == 0 {
            byName[name]?.worst = zip(known.worst, values).map { max($0, $1) }
            return true
        }
        guard byName[name] != nil || byName.count < limit else { return false }
        byName[name] = Reading(worst: values)
        return true
    }

    /// Ends the window. Those that have been silent for longer than `windows` are forgotten, unless they are kept.
    mutating func close(forgetAfter windows: Int, keeping isKept: (String) -> Bool) {
        for (name, reading) in byName {
            let isOver = reading.silent >= Int64(windows) && !isKept(name)
            byName[name] =
                isOver ? nil : Reading(worst: reading.worst, silent: min(reading.silent + 1, 1 << 32))
        }
    }
}

/// As bytes.
extension Readings {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(byName.count))
        for (name, reading) in byName.sorted(by: { $0.key < $1.key }) {
            state.write(name.utf8Span.span.bytes)
            state.write(reading.silent)
            for value in reading.worst { state.write(value) }
        }
    }

    /// With that many values of each.
    init(_ reader: inout StateReader, values: Int) throws(StateFailure) {
        for _ in 0..<(try reader.count(limit: 1_000_000, "names")) {
            let name = String(decoding: try reader.readBytes(), as: UTF8.self)
            var reading = Reading(worst: [], silent: try reader.read(in: 0...1 << 32, "windows"))
            for _ in 0..<values { reading.worst.append(try reader.read()) }
            byName[name] = reading
        }
    }
}
