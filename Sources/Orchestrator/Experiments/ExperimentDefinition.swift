internal import Contracts
internal import ForeshadowRouting

/// What starts an experiment: the body of a request, or, with a name, a file of the configuration.
struct ExperimentDefinition: Decodable {
    var goal: String
    var variants: [ExperimentRecord.VariantRecord]
    var alpha: Double?
    var plannedEffect: Double?
    var minimumUnits: Int64?
    var guards: [ExperimentRecord.GuardRecord]?
    var switchback: ExperimentRecord.SwitchbackRecord?
    var bandit: ExperimentRecord.BanditRecord?
    var adoptsAutomatically: Bool?
    var by: String
    var reason: String

    /// What it may hold. A member that is overlooked would compare something else than was meant.
    static let shape = JSONShape.object(members)

    static let members: [String: JSONShape] = {
        let weights = ["home", "affinity", "proximity", "load", "shadow", "tieMargin", "loadSlack"]
        func members(_ names: [String], _ more: [String: JSONShape] = [:]) -> [String: JSONShape] {
            Dictionary(uniqueKeysWithValues: names.map { ($0, .value) }).merging(more) { $1 }
        }
        return members(
            [
                "goal", "alpha", "plannedEffect", "minimumUnits", "adoptsAutomatically", "by", "reason",
            ],
            [
                "variants": .list(
                    .object(members(["name", "share"], ["weights": .object(members(weights))]))),
                "guards": .list(.object(members(["metric", "relative", "absolute"]))),
                "switchback": .object(members(["blockMillis", "settleMillis", "cells"])),
                "bandit": .object(members(["controlShare", "leastShare", "windowMillis"])),
            ])
    }()

    /// The first record of the experiment. Throws what is wrong with the definition.
    func record(_ name: String, now: EventTime) throws -> ExperimentRecord {
        var record = ExperimentRecord(
            name: name, goal: goal, variants: variants, startedAt: now, by: by, reason: reason)
        record.alpha = alpha
        record.plannedEffect = plannedEffect
        record.minimumUnits = minimumUnits
        record.guards = guards
        record.switchback = switchback
        record.bandit = bandit
        record.adoptsAutomatically = adoptsAutomatically
        _ = try record.experiment()
        try Self.check(by, "by", max: ShadowOrder.nameBytesMax)
        try Self.check(reason, "reason", max: ShadowOrder.reasonBytesMax)
        return record
    }

    private static func check(_ text: String, _ name: String, max: Int) throws(DefinitionFailure) {
        if !(1...max).contains(text.utf8.count) { throw .length(name, max: max) }
    }
}
