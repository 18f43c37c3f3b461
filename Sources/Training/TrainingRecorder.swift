public import Affinity
public import Contracts

/// Lets an affinity engine go through accesses and writes down what a network would have been told.
///
/// So a network is trained on exactly what it will see at work: the experts' forecasts of the moment, made by one
/// engine for all customers.
public struct TrainingRecorder {
    /// What was written down so far.
    public private(set) var set: TrainingSet
    /// The customers, by their numbers in the set.
    public private(set) var customers: [[UInt8]] = []

    private let names: Model.Names
    private let regions: SymbolTable
    private let domains: SymbolTable
    private let kinds: SymbolTable
    private var numbers: [[UInt8]: UInt32] = [:]
    private var engine: AffinityEngine
    private var inputs = NetworkInputs()
    private var experts: [Float]
    private var change: VectorChange

    /// A recorder for networks over these names, with the engine's numbers.
    public init(
        _ names: Model.Names, configuration: AffinityConfiguration, hidden: Int = NetworkShape.defaultUnits
    ) {
        self.names = names
        var shape = AffinityEngine.shape(of: names)
        shape.hidden = hidden
        shape.headUnits = hidden
        set = TrainingSet(shape)
        regions = SymbolTable(names.regions)
        domains = SymbolTable(names.domains)
        kinds = SymbolTable(names.kinds)
        engine = AffinityEngine(configuration: configuration, partitions: names.partitions.count)
        experts = Array(repeating: 0, count: shape.expertRows * shape.partitionStride)
        change = VectorChange(partitions: names.partitions.count)
    }

    /// Adds an access. One whose id is among the customer's recent ones is left out, as in the pipeline.
    public mutating func add(customer: [UInt8], _ access: Access) {
        let bytes = customer.span.bytes
        while engine.nextDue(at: access.time, into: &change) {}
        engine.describe(customer: bytes, access, &inputs, experts: &experts)
        if engine.observe(customer: bytes, access: access, into: &change) == .duplicate { return }
        let next = UInt32(customers.count)
        let number = numbers[customer] ?? next
        if number == next {
            numbers[customer] = next
            customers.append(customer)
        }
        let symbols = SIMD4(
            Int32(access.partition) + 1, regions.find(access.region), domains.find(access.domain),
            kinds.find(access.kind))
        let record = TrainingSet.Record(
            customer: number, time: access.time, target: access.partition, symbols: symbols)
        Self.append(record, inputs, experts, to: &set)
    }

    /// Spans of properties would lock all of what they belong to, so this takes the parts.
    private static func append(
        _ record: TrainingSet.Record, _ inputs: NetworkInputs, _ experts: [Float], to set: inout TrainingSet
    ) {
        set.append(record, dense: inputs.step.span, features: inputs.forecast.span, experts: experts.span)
    }

    /// The state a network has come to of each customer, after all that was written down.
    public func states(_ model: Model) -> [[Float]] {
        var network = Network(model.weights)
        let units = network.shape.hidden
        var states = [Float](repeating: 0, count: customers.count * units)
        let width = set.shape.denseInputs
        for (i, record) in set.records.enumerated() {
            var span = states.mutableSpan
            network.step(
                symbols: record.symbols, dense: set.dense.span.extracting(i * width..<(i + 1) * width),
                states: &span, at: Int(record.customer) * units)
        }
        return (0..<customers.count).map { Array(states[$0 * units..<($0 + 1) * units]) }
    }
}
