import Contracts
import Foundation
import Testing

/// The examples under `topics/examples`, where there are any.
@Suite struct ExampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "topics/examples")

    static let interactions = ["interactions.json", "cloudevents-structured.json"]
        .map { folder.appending(path: $0) }.filter { FileManager.default.fileExists(atPath: $0.path()) }

    @Test(arguments: interactions)
    func interactionsAreAccepted(file: URL) throws {
        let data = try Data(contentsOf: file)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let inner = object["data"] as? [String: Any]
        let key = try #require(
            inner?["customer"] as? String ?? object["customer"] as? String ?? object["subject"] as? String)
        let plain = try decode(Array(data), key: key)
        #expect(plain.customer == key)
        #expect(plain.time > 0)
    }
}
