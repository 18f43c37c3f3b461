public import Contracts

/// A trace as dense numbers, in the order of time: what predictors are scored on.
///
/// Rows whose kind ends in `+` are not in it: they repeat the event before them for another place. Names are
/// sorted, so that the same trace always gets the same numbers.
public struct EvaluationTrace: Sendable {
    /// One event. Every number is a place in the trace's list of that name.
    public struct Event: Sendable, Equatable {
        /// When it happened, in epoch milliseconds.
        public var time: EventTime
        /// Whose event it is: a place in `customers`.
        public var customer: Int32
        /// Where it came from: a place in `regions`.
        public var region: Int32
        /// The function it belongs to: a place in `domains`.
        public var domain: Int32
        /// What happened: a place in `kinds`.
        public var kind: Int32
        /// The product it is about: a place in `products`; -1 where the trace does not say.
        public var product: Int32
        /// What predictors are to predict: a place in `classes`.
        public var target: Int32
    }

    /// The name to print: that of the file without folders and extensions.
    public let dataset: String
    /// What is to be predicted.
    public let target: EvaluationTarget
    /// The events; no time is before the one ahead of it.
    public let events: [Event]
    /// The customers' keys, by first event.
    public let customers: [[UInt8]]
    /// Names of the regions, the rare ones merged into `other`.
    public let regions: [String]
    /// Names of the domains, the rare ones merged into `other`; empty text where an event has none.
    public let domains: [String]
    /// Names of the kinds.
    public let kinds: [String]
    /// Names of the products.
    public let products: [String]
    /// Names of the classes of the target.
    public let classes: [String]
    /// Lines of a JSON file that were left out, because they lack a customer, a time or a region.
    public let unreadable: Int

    /// Where the second half starts: events of this place and later.
    public var middle: Int { events.count / 2 }

    /// Numbers the rows of a trace.
    ///
    /// Throws `notSorted` at the first row that is earlier than the one before it, and `tooFewClasses` where
    /// there is nothing to predict.
    init(
        dataset: String, target: EvaluationTarget, limits: ClassLimits, rows: TraceRows, unreadable: Int = 0
    ) throws(EvaluationFailure) {
        let regions = ClassNumbers(rows.regions, limit: limits.regions)
        let domains = ClassNumbers(rows.domains, limit: limits.domains)
        let kinds = ClassNumbers(rows.kinds)
        let classes =
            switch target {
            case .region: regions
            case .domain: domains
            case .pair:
                ClassNumbers(
                    zip(regions.numbers, domains.numbers).map {
                        "\(regions.names[Int($0)])|\(domains.names[Int($1)])"
                    }, limit: limits.pairs)
            }
        let products = ClassNumbers(rows.products.compactMap { $0 })
        var nextProduct = products.numbers.makeIterator()
        self.dataset = dataset
        self.target = target
        self.unreadable = unreadable
        self.regions = regions.names
        self.domains = domains.names
        self.kinds = kinds.names
        self.products = products.names
        self.classes = classes.names
        customers = rows.customers
        events = rows.times.indices.map { i in
            Event(
                time: rows.times[i], customer: rows.customerNumbers[i], region: regions.numbers[i],
                domain: domains.numbers[i], kind: kinds.numbers[i],
                product: rows.products[i] == nil ? -1 : nextProduct.next() ?? -1, target: classes.numbers[i])
        }
        guard classes.names.count > 1 else {
            throw .tooFewClasses(target, found: classes.names.count)
        }
    }
}

/// The rows of a trace before they are numbered, column by column.
struct TraceRows {
    private(set) var times: [EventTime] = []
    private(set) var customerNumbers: [Int32] = []
    private(set) var customers: [[UInt8]] = []
    private(set) var regions: [String] = []
    private(set) var domains: [String] = []
    private(set) var kinds: [String] = []
    private(set) var products: [String?] = []
    private var known: [[UInt8]: Int32] = [:]
    private let mustBeInOrder: Bool

    /// No rows. If they need not be in the order of time, `sort` puts them there.
    init(mustBeInOrder: Bool = true) { self.mustBeInOrder = mustBeInOrder }

    /// Adds a row; `line` is only for what is thrown: `notSorted` if the row is earlier than the last one.
    mutating func add(
        customer: [UInt8], time: EventTime, region: String, domain: String?, kind: String, product: String?,
        line: Int
    ) throws(EvaluationFailure) {
        if mustBeInOrder, let last = times.last, time < last {
            throw .notSorted(line: line, time: time, previous: last)
        }
        if kind.hasSuffix("+") { return }
        let number = known[customer] ?? Int32(customers.count)
        if Int(number) == customers.count {
            known[customer] = number
            customers.append(customer)
        }
        times.append(time)
        customerNumbers.append(number)
        regions.append(region)
        domains.append(domain ?? "")
        kinds.append(kind)
        products.append(product)
    }

    /// Puts the rows in the order of time; those of the same time stay as they came.
    mutating func sort() {
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        times = order.map { times[$0] }
        customerNumbers = order.map { customerNumbers[$0] }
        regions = order.map { regions[$0] }
        domains = order.map { domains[$0] }
        kinds = order.map { kinds[$0] }
        products = order.map { products[$0] }
    }
}
