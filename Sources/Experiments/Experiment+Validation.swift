extension Experiment {
    /// The most variants that can be compared.
    public static let variantsMax = 16
    /// The longest latency that can be told from a longer one, in microseconds: 18 minutes. Sums of squares of what
    /// units add up to then fit into 127 bits.
    public static let latencyMax: Int64 = 1 << 30
    /// The longest block or window: a year in milliseconds.
    public static let durationMax: Int64 = 366 * 86_400_000

    /// Throws if it cannot be run. `Assignment` and `ExperimentAnalysis` take only what passes here.
    public func validate() throws(ExperimentFailure) {
        try Self.checkName(name)
        try validateVariants()
        guard alpha >= 0.000_001, alpha <= 0.5 else { throw .outOfRange("alpha", "0.000001 to 0.5") }
        guard plannedEffect >= 0.001, plannedEffect <= 10 else {
            throw .outOfRange("plannedEffect", "0.001 to 10")
        }
        try Self.check("minimumUnits", minimumUnits, 10...1_000_000_000)
        try Self.check("latencyLimitMicros", latencyLimitMicros, 1...Self.latencyMax)
        try validateGuards()
        if switchback != nil, bandit != nil { throw .switchbackWithBandit }
        try switchback?.validate()
        if let bandit { try validate(bandit) }
    }

    private func validateVariants() throws(ExperimentFailure) {
        guard (2...Self.variantsMax).contains(variants.count) else { throw .variantCount(variants.count) }
        var names: Set<String> = []
        for variant in variants {
            try Self.checkName(variant.name)
            if !names.insert(variant.name).inserted { throw .twice(variant.name) }
        }
        try validate(sharesMilli: variants.map(\.shareMilli))
    }

    /// Throws unless these are shares of the variants, in their order.
    func validate(sharesMilli: [Int64]) throws(ExperimentFailure) {
        guard sharesMilli.count == variants.count else { throw .shareCount(sharesMilli.count) }
        for (place, share) in sharesMilli.enumerated() {
            let least: Int64 = place == 0 ? 1 : 0
            if share < least || share > 1_000 { throw .share(variants[place].name, milli: share) }
        }
        let sum = sharesMilli.reduce(0, +)
        if sum != 1_000 { throw .sharesSum(milli: sum) }
    }

    private func validateGuards() throws(ExperimentFailure) {
        var metrics: Set<Metric> = []
        for guardMetric in guards {
            if !metrics.insert(guardMetric.metric).inserted {
                throw .twice("the guard of \(guardMetric.metric.rawValue)")
            }
            switch guardMetric.tolerance {
            case .relative(let milli): try Self.check("a guard's relative tolerance", milli, 0...100_000)
            case .absolute(let milli): try Self.check("a guard's absolute tolerance", milli, 0...(1 << 40))
            }
        }
    }

    private func validate(_ bandit: Bandit) throws(ExperimentFailure) {
        try Self.check("bandit.controlShare in thousandths", bandit.controlShareMilli, 1...999)
        try Self.check("bandit.leastShare in thousandths", bandit.leastShareMilli, 1...500)
        try Self.check("bandit.windowMillis", bandit.windowMillis, 1_000...Self.durationMax)
        let kept = bandit.controlShareMilli + bandit.leastShareMilli * Int64(variants.count - 1)
        try Self.check("what a bandit's variants keep together", kept, 1...1_000)
        for (place, variant) in variants.enumerated()
        where variant.shareMilli < (place == 0 ? bandit.controlShareMilli : bandit.leastShareMilli) {
            throw .share(variant.name, milli: variant.shareMilli)
        }
    }

    static func checkName(_ name: String) throws(ExperimentFailure) {
        if !(1...100).contains(name.utf8.count) { throw .nameLength(name) }
    }

    static func check(
        _ name: String, _ value: Int64, _ allowed: ClosedRange<Int64>
    ) throws(ExperimentFailure) {
        if !allowed.contains(value) {
            throw .outOfRange(name, "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }
}

extension Switchback {
    func validate() throws(ExperimentFailure) {
        try Experiment.check("switchback.blockMillis", blockMillis, 1_000...Experiment.durationMax)
        try Experiment.check("switchback.settleMillis", settleMillis, 0...(blockMillis - 1))
        guard (1...1_000).contains(cells.count) else { throw .cellCount(cells.count) }
        var names: Set<String> = []
        for cell in cells {
            try Experiment.checkName(cell)
            if !names.insert(cell).inserted { throw .twice(cell) }
        }
    }
}
