import Affinity
import Contracts
import Foundation

/// What people and programs are told of a model in the catalogue.
struct ModelSummary: Codable, Equatable {
    /// Losses of the three forecasts, in nats an access.
    struct Losses: Codable, Equatable {
        var next: Double
        var nextAtTime: Double
        var share: Double

        init(_ losses: HeadLosses) {
            next = losses.next
            nextAtTime = losses.nextAtTime
            share = losses.share
        }
    }

    /// What the file says.
    struct Contents: Codable, Equatable {
        var createdFrom: String
        var accesses: Int
        var customers: Int
        var epochs: Int
        var units: Int
        var partitions: [String]
        var training: Losses
        var heldOut: Losses?

        init(_ model: Model) {
            createdFrom = model.origin.createdFrom
            accesses = model.origin.accesses
            customers = model.origin.customers
            epochs = model.origin.epochs
            units = model.weights.layout.shape.hidden
            partitions = model.names.partitions
            training = Losses(model.origin.training)
            heldOut = model.origin.heldOut.map { Losses($0) }
        }
    }

    var model: String
    var bytes: Int
    /// In epoch milliseconds.
    var published: Int64
    /// What the file says, if it can be read.
    var contents: Contents?
    /// Why it cannot be used, if that is so.
    var refusal: String?

    /// Reads the file; one that cannot be read is told with the reason.
    init(_ entry: ModelCatalogue.Entry) {
        model = entry.key
        bytes = entry.file.count
        published = entry.published
        do throws(ModelFailure) {
            contents = Contents(try Model(decoding: entry.file.span.bytes))
        } catch {
            refusal = "\(error)"
        }
    }

    private var time: String {
        Date(timeIntervalSince1970: Double(published) / 1_000).ISO8601Format()
    }

    /// One line for people.
    var line: String {
        let what =
            contents.map { "\($0.units) units, \($0.partitions.count) partitions, \($0.accesses) accesses" }
            ?? "unreadable: \(refusal ?? "")"
        return "\(model)  \(time)  \(bytes) bytes  \(what)"
    }

    /// All of it, for people.
    var text: String {
        var rows = [("model", model), ("published", time), ("bytes", "\(bytes)")]
        if let contents {
            let trained =
                "\(contents.accesses) accesses of \(contents.customers) customers, \(contents.epochs) times"
            rows += [
                ("trained on", contents.createdFrom), ("", trained), ("units", "\(contents.units)"),
                ("partitions", contents.partitions.joined(separator: ", ")),
                ("losses", Self.text(contents.training)),
                ("held out", contents.heldOut.map { Self.text($0) } ?? "nothing"),
            ]
        }
        rows.append(("usable", refusal.map { "no: \($0)" } ?? "yes, with this configuration"))
        return rows.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }
            .joined(separator: "\n")
    }

    static func short(_ value: Double) -> String { String(format: "%.4f", value) }

    static func text(_ losses: Losses) -> String {
        "next \(short(losses.next)), at a known time \(short(losses.nextAtTime)), "
            + "share \(short(losses.share)) nats"
    }
}
