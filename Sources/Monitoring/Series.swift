import Metrics
import Synchronization

/// Which series it is: the metric's name, and the labels as the exposition has them, `a="1",b="2"`.
struct SeriesKey: Sendable, Hashable {
    let metric: String
    let labels: String
}

/// A double that threads change together without a lock.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits: Atomic<UInt64>

    init(_ value: Double) { bits = Atomic(value.bitPattern) }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let sum = Double(bitPattern: old) + amount
            let (exchanged, current) = bits.weakCompareExchange(
                expected: old, desired: sum.bitPattern, ordering: .relaxed)
            if exchanged { return }
            old = current
        }
    }
}

/// A counter's series. What would make it fall is not counted. Whole amounts and parts are kept apart, so that
/// the usual increment is one instruction and loses nothing beyond 2^53.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    let key: SeriesKey
    private let whole = Atomic<UInt64>(0)
    private let part = AtomicDouble(0)

    init(_ key: SeriesKey) { self.key = key }

    var value: Double { Double(whole.load(ordering: .relaxed)) + part.value }

    func increment(by amount: Int64) {
        if amount > 0 { whole.wrappingAdd(UInt64(amount), ordering: .relaxed) }
    }

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { part.add(amount) }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        part.set(0)
    }
}

/// A gauge's series.
final class GaugeSeries: MeterHandler, RecorderHandler {
    let key: SeriesKey
    private let current = AtomicDouble(0)

    init(_ key: SeriesKey) { self.key = key }

    var value: Double { current.value }

    func set(_ value: Int64) { current.set(Double(value)) }
    func set(_ value: Double) { current.set(value) }
    func record(_ value: Int64) { current.set(Double(value)) }
    func record(_ value: Double) { current.set(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
}

/// A histogram's series. How many observations there were is the sum of its buckets, so that a scrape in the midst
/// of observations never sees a count beside its buckets.
final class HistogramSeries: RecorderHandler, TimerHandler {
    /// Every bucket in memory of its own: threads that count in different ones do not wait for each other.
    private final class Bucket: Sendable {
        let count = Atomic<UInt64>(0)
    }

    let key: SeriesKey
    let bounds: [Double]
    private let buckets: [Bucket]  // one more than bounds
    private let total = AtomicDouble(0)

    init(_ key: SeriesKey, bounds: [Double]) {
        self.key = key
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Bucket() }
    }

    /// Observations in each bucket alone; the last one is of those over all bounds.
    var counts: [UInt64] { buckets.map { $0.count.load(ordering: .relaxed) } }
    var sum: Double { total.value }

    func record(_ value: Int64) { record(Double(value)) }

    /// Takes an observation in. What is no number cannot be told from others in a sum, and is not counted.
    func record(_ value: Double) {
        if !value.isFinite { return }
        buckets[place(of: value)].count.wrappingAdd(1, ordering: .relaxed)
        total.add(value)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }

    /// The first bound that is not below the value.
    private func place(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
