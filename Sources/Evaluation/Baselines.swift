import Glibc

/// The simple rules that a predictor has to beat, and a mixture of them.
///
/// With K classes, g the frequencies of all customers' events so far (each class counted once from the start,
/// Laplace's rule), and A = 2:
///
/// - `home`, `last`: the class of the customer's first or latest event; every class gets a floor of 0.001
///   before all are divided by their sum.
/// - `global`: g.
/// - `userfreq`: the customer's counts + A g.
/// - `decay5`, `decay20`, `decay50`: the same with counts that halve in so many of the customer's events.
/// - `markov`: what followed the customer's events of the latest class + 3 times (what followed any
///   customer's + A g).
/// - `mix`: the customer's own weighted mean of the others; weights follow the probability that each gave to
///   what happened, and 2 % of them are dealt out anew each time.
///
/// Sources: fixed share by Herbster and Warmuth, "Tracking the Best Expert" (1998). Smoothing towards a
/// coarser distribution by MacKay and Bauman Peto, "A Hierarchical Dirichlet Language Model" (1995).
public struct Baselines: Predictor {
    /// The names of the rules, the mixture last.
    public static let names = [
        "home", "global", "last", "userfreq", "decay5", "decay20", "decay50", "markov", "mix",
    ]
    /// The same.
    public var names: [String] { Self.names }

    private static let globalBackoff = 2.0
    private static let rowBackoff = 3.0
    private static let pointFloor = 1e-3
    private static let fixedShare = 0.02
    /// Of userfreq and the decays: what a count is multiplied by at each event of the customer. In single
    /// precision, as the counts.
    private static let factors: [Float] = [1] + [5.0, 20, 50].map { Float(pow(0.5, 1 / $0)) }

    private let classes: Int
    private let experts: Int
    private var home: [Int32]
    private var last: [Int32]
    private var global: [Double]
    private var globalSum: Double
    private var transitions: [Double]  // from x to
    private var counts: [[Float]]  // per factor: customer x class
    private var rowPlaces: [Int: Int] = [:]  // customer x class to its first place in `rows`
    private var rows: [Float] = []
    private var weights: [Double]  // customer x expert
    /// The distributions, one after the other, and whose they are; -1 when they are out of date.
    private var current: [Double]
    private var currentCustomer = -1
    private var row: [Double]

    /// Rules that know nothing yet of that many customers and classes.
    public init(customers: Int, classes: Int) {
        precondition(customers > 0 && classes > 1, "there is nothing to predict")
        self.classes = classes
        experts = Self.names.count - 1
        home = Array(repeating: -1, count: customers)
        last = home
        global = Array(repeating: 1, count: classes)
        globalSum = Double(classes)
        transitions = Array(repeating: 0, count: classes * classes)
        counts = Self.factors.map { _ in Array(repeating: 0, count: customers * classes) }
        weights = Array(repeating: 1 / Double(experts), count: customers * experts)
        current = Array(repeating: 0, count: Self.names.count * classes)
        row = Array(repeating: 0, count: classes)
    }

    /// Rules for a trace.
    public init(_ trace: EvaluationTrace) {
        self.init(customers: trace.customers.count, classes: trace.classes.count)
    }

    /// Writes what each rule gives the classes.
    public mutating func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        refresh(query.customer)
        for i in current.indices { rows[i] = current[i] }
    }

    /// The rules that say where a customer is, not where the very next event falls.
    public var shareNames: [String] { ["home", "global", "decay5", "decay20", "decay50"] }

    /// The same that the rules give the next event.
    public mutating func predictShare(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        refresh(query.customer)
        for (row, expert) in [0, 1, 4, 5, 6].enumerated() {
            for k in 0..<classes { rows[row * classes + k] = current[expert * classes + k] }
        }
    }

    /// Counts an event and judges the rules by it.
    public mutating func learn(_ event: EvaluationTrace.Event) {
        let customer = Int(event.customer)
        let seen = Int(event.target)
        if home[customer] < 0 {
            home[customer] = event.target
        } else {
            refresh(customer)
            judge(customer, seen)
            countTransition(customer, from: Int(last[customer]), to: seen)
        }
        global[seen] += 1
        globalSum += 1
        for (place, factor) in Self.factors.enumerated() {
            let start = customer * classes
            if factor < 1 { for i in start..<start + classes { counts[place][i] *= factor } }
            counts[place][start + seen] += 1
        }
        last[customer] = event.target
        currentCustomer = -1
    }

    /// Moves the customer's weights towards the rules that expected `seen`.
    private mutating func judge(_ customer: Int, _ seen: Int) {
        let start = customer * experts
        var sum = 0.0
        for expert in 0..<experts {
            weights[start + expert] *= max(current[expert * classes + seen], Metric.probabilityFloor)
            sum += weights[start + expert]
        }
        let share = Self.fixedShare
        for i in start..<start + experts {
            weights[i] = (1 - share) * weights[i] / sum + share / Double(experts)
        }
    }

    private mutating func countTransition(_ customer: Int, from: Int, to: Int) {
        transitions[from * classes + to] += 1
        let key = customer * classes + from
        let place = rowPlaces[key] ?? rows.count
        if place == rows.count {
            rowPlaces[key] = place
            rows.append(contentsOf: repeatElement(0, count: classes))
        }
        rows[place + to] += 1
    }

    /// Computes every rule's distribution for the customer, unless that was the last thing done.
    private mutating func refresh(_ customer: Int) {
        if currentCustomer == customer { return }
        currentCustomer = customer
        fillPoint(expert: 0, at: Int(home[customer]))
        for k in 0..<classes { current[classes + k] = global[k] / globalSum }
        fillPoint(expert: 2, at: Int(last[customer]))
        for place in Self.factors.indices { fillCounts(expert: 3 + place, place, customer) }
        fillMarkov(expert: experts - 1, customer)
        fillMixture(customer)
    }

    private mutating func fillPoint(expert: Int, at point: Int) {
        let whole = 1 + Double(classes) * Self.pointFloor
        for k in 0..<classes { current[expert * classes + k] = Self.pointFloor / whole }
        current[expert * classes + point] = (1 + Self.pointFloor) / whole
    }

    private mutating func fillCounts(expert: Int, _ place: Int, _ customer: Int) {
        for k in 0..<classes {
            row[k] = Double(counts[place][customer * classes + k]) + Self.globalBackoff * current[classes + k]
        }
        normalise(into: expert)
    }

    private mutating func fillMarkov(expert: Int, _ customer: Int) {
        let from = Int(last[customer])
        var sum = 0.0
        for k in 0..<classes {
            row[k] = transitions[from * classes + k] + Self.globalBackoff * current[classes + k]
            sum += row[k]
        }
        for k in 0..<classes { row[k] *= Self.rowBackoff / sum }
        if let own = rowPlaces[customer * classes + from] {
            for k in 0..<classes { row[k] += Double(rows[own + k]) }
        }
        normalise(into: expert)
    }

    private mutating func fillMixture(_ customer: Int) {
        let start = experts * classes
        for k in 0..<classes { current[start + k] = 0 }
        for expert in 0..<experts {
            let weight = weights[customer * experts + expert]
            for k in 0..<classes { current[start + k] += weight * current[expert * classes + k] }
        }
    }

    /// Divides `row` by its sum and keeps it as the expert's distribution.
    private mutating func normalise(into expert: Int) {
        let sum = row.reduce(0, +)
        for k in 0..<classes { current[expert * classes + k] = row[k] / sum }
    }
}
