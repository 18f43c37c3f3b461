import Contracts
import Kafka
import Testing

@testable import foreshadow

@Suite struct ModelCatalogueTests {
    private func catalogue(_ keys: [String]) -> ModelCatalogue {
        var catalogue = ModelCatalogue()
        for key in keys { catalogue.apply(key: Array(key.utf8), file: [1], published: 0) }
        return catalogue
    }

    private let models = ["spring/00aa", "spring/00bb", "a/b/00cc", "summer/00dd"]

    @Test(arguments: [("summer", "summer/00dd"), ("spring/00bb", "spring/00bb"), ("a/b", "a/b/00cc")])
    func `a model is found by its name, or by name and fingerprint`(reference: String, key: String) throws {
        #expect(try catalogue(models).find(reference).key == key)
    }

    @Test(arguments: [
        ("spring", "name one of spring/00aa, spring/00bb"),
        ("winter", "no model 'winter'; the catalogue has: a/b"),
        ("a", "no model 'a'"), ("summer/00de", "no model"),
    ])
    func `a name that none has, or several, is refused with what there is`(reference: String, says: String) {
        let failure = #expect(throws: CommandFailure.self) { try catalogue(models).find(reference) }
        #expect(failure?.description.contains(says) == true)
    }

    @Test func `the newest file of a key counts, and one that was removed is gone`() throws {
        var catalogue = catalogue(models)
        catalogue.apply(key: Array("summer/00dd".utf8), file: [2], published: 9)
        catalogue.apply(key: Array("spring/00aa".utf8), file: nil, published: 9)
        catalogue.apply(key: nil, file: [3], published: 9)
        #expect(catalogue.entries.map(\.key) == ["a/b/00cc", "spring/00bb", "summer/00dd"])
        #expect(try catalogue.find("summer").file == [2])
        #expect(try catalogue.find("spring").key == "spring/00bb")
    }

    @Test func `a file that cannot be read is listed with the reason`() {
        let summary = ModelSummary(.init(key: "spring/00aa", file: [1, 2, 3], published: 0))
        #expect(summary.contents == nil)
        #expect(summary.line.contains("3 bytes  unreadable: model: "))
        #expect(summary.text.contains("no: model: "))
    }

    @Test(
        arguments: [
            (nil, "idle", true), (nil, "1767605400250", true), (nil, Mark.model, false),
            ([7], Mark.model, false), ([7], nil, false),
        ] as [([UInt8]?, String?, Bool)])
    func `a span that is published again takes switches along, and leaves progress where it was`(
        value: [UInt8]?, mark: String?, isLeftOut: Bool
    ) {
        let record = StoredRecord(
            place: TopicPartition(TopicName.interactions, 0), offset: 0, key: nil, value: value,
            headers: mark.map { [Header(Mark.headerName, $0)] } ?? [])
        let batch = MessageBatch([.record(record)], topics: [StoredTopic(TopicName.interactions)])
        #expect(ReplayPublish.belongsThere(batch.record(at: 0)) == isLeftOut)
    }
}
