import Contracts

/// What the topic `affinity-models` holds: the newest file of each key.
struct ModelCatalogue {
    /// A model as it was published.
    struct Entry: Equatable {
        /// Its name, `/` and its fingerprint.
        var key: String
        /// The file.
        var file: [UInt8]
        /// When it was published, in epoch milliseconds.
        var published: Int64

        /// The part of the key before the last `/`.
        var name: Substring { key.lastIndex(of: "/").map { key[..<$0] } ?? key[...] }
    }

    private var found: [String: Entry] = [:]

    /// By key.
    var entries: [Entry] { found.values.sorted { $0.key < $1.key } }

    /// Takes over a record; without a file the model was removed. A record without a key is nobody's.
    mutating func apply(key: [UInt8]?, file: [UInt8]?, published: Int64) {
        guard let key else { return }
        let text = String(decoding: key, as: UTF8.self)
        found[text] = file.map { Entry(key: text, file: $0, published: published) }
    }

    /// The model of that key, or the only one of that name.
    func find(_ reference: String) throws -> Entry {
        if let exact = found[reference] { return exact }
        let named = entries.filter { $0.name == reference }
        if let only = named.first, named.count == 1 { return only }
        if named.isEmpty {
            let known = entries.isEmpty ? "is empty" : "has: \(entries.map(\.key).joined(separator: ", "))"
            throw CommandFailure.input("no model '\(reference)'; the catalogue \(known)")
        }
        throw CommandFailure.input(
            "several models are called '\(reference)': name one of \(named.map(\.key).joined(separator: ", "))"
        )
    }
}
