import Contracts

/// The network at work: the states of all customers, and the symbols it knows.
struct Recurrence {
    let model: Model
    private var network: Network
    private var states: [Float] = []
    private let regions: SymbolTable
    private let domains: SymbolTable
    private let kinds: SymbolTable
    private var result: [Float]
    var inputs = NetworkInputs()

    init(_ model: Model, customers: Int) {
        self.model = model
        network = Network(model.weights)
        regions = SymbolTable(model.names.regions)
        domains = SymbolTable(model.names.domains)
        kinds = SymbolTable(model.names.kinds)
        result = Array(repeating: 0, count: network.shape.partitionStride)
        states = Array(repeating: 0, count: customers * network.shape.hidden)
    }

    /// Units of a customer's state.
    var units: Int { network.shape.hidden }

    /// Bytes held, used or not.
    var bytes: Int { states.capacity * 4 + model.weights.values.count * 4 }

    /// Makes room for one more customer.
    mutating func append() { states.append(contentsOf: repeatElement(0, count: units)) }

    /// Forgets a customer's state.
    mutating func clear(_ place: Int) {
        for i in place * units..<(place + 1) * units { states[i] = 0 }
    }

    /// A customer's state.
    @_lifetime(borrow self)
    func state(_ place: Int) -> Span<Float> { states.span.extracting(place * units..<(place + 1) * units) }

    /// Takes over a customer's state.
    mutating func restore(_ place: Int, _ state: [Float]) {
        for i in 0..<units { states[place * units + i] = state[i] }
    }

    /// The symbols of an access.
    func symbols(_ access: Access) -> SIMD4<Int32> {
        SIMD4(
            Int32(access.partition) + 1, regions.find(access.region), domains.find(access.domain),
            kinds.find(access.kind))
    }

    /// Takes an access into a customer's state; its numbers are those that `inputs` was told.
    mutating func step(_ place: Int, _ access: Access) {
        let symbols = symbols(access)
        Self.step(&network, symbols, inputs.step, &states, at: place * units)
    }

    /// A head's forecast of a customer from the experts' rows and the numbers `inputs` was told, into `row`.
    mutating func forecast(
        _ head: NetworkHead, _ place: Int, _ rows: ScratchRows, into row: UnsafeMutablePointer<Float>
    ) {
        let range = place * units..<(place + 1) * units
        Self.forecast(&network, head, states, range, inputs.forecast, rows, &result)
        for b in 0..<rows.stride / 8 { row.put(result.eight(8 * b), 8 * b) }
    }

    // Spans of properties would lock all of what they belong to, so these take the parts.

    @inline(__always)
    private static func step(
        _ network: inout Network, _ symbols: SIMD4<Int32>, _ inputs: [Float], _ states: inout [Float],
        at start: Int
    ) {
        var span = states.mutableSpan
        network.step(symbols: symbols, dense: inputs.span, states: &span, at: start)
    }

    @inline(__always)
    private static func forecast(
        _ network: inout Network, _ head: NetworkHead, _ states: [Float], _ range: Range<Int>,
        _ features: [Float], _ rows: ScratchRows, _ result: inout [Float]
    ) {
        let experts = UnsafeBufferPointer(start: rows.base, count: Expert.rows * rows.stride)
        var span = result.mutableSpan
        network.forecast(
            head, hidden: states.span.extracting(range), features: features.span, experts: experts.span,
            into: &span)
    }
}

/// Numbers of names by their hashes: 1 and up in the order of a list, 0 for those not in it.
package struct SymbolTable: Sendable {
    private var hashes: [UInt32]
    private var numbers: [Int32]

    package init(_ names: [String]) {
        var count = 16
        while count < 2 * names.count { count *= 2 }
        hashes = Array(repeating: 0, count: count)
        numbers = Array(repeating: 0, count: count)
        for (i, name) in names.enumerated() {
            let hash = Access.symbol(name.utf8Span.span.bytes)
            var at = Int(hash) & (count - 1)
            while hashes[at] != 0 && hashes[at] != hash { at = (at + 1) & (count - 1) }
            // Of two names with one hash the first is meant.
            if hashes[at] == hash { continue }
            hashes[at] = hash
            numbers[at] = Int32(i + 1)
        }
    }

    package func find(_ hash: UInt32) -> Int32 {
        var at = Int(hash) & (hashes.count - 1)
        while hashes[at] != 0 {
            if hashes[at] == hash { return hash == 0 ? 0 : numbers[at] }
            at = (at + 1) & (hashes.count - 1)
        }
        return 0
    }
}
