import Contracts
import Foundation
import Testing

@testable import foreshadow

@Suite struct TopicFileTests {
    let files: [TopicFile]

    init() throws {
        files = try TopicFile.readAll(in: SettingsTests.root.appending(path: "topics").path)
    }

    @Test func `every topic of the pipeline is described`() {
        #expect(Set(files.map(\.name)) == Set(TopicName.all))
    }

    @Test func `what one worker reads and writes side by side has the same number of topic partitions`() {
        let together = [
            TopicName.interactions, TopicName.customers, TopicName.affinityVectors,
            TopicName.updaterSnapshots, TopicName.trendsSnapshots,
        ]
        let counts = Set(files.filter { together.contains($0.name) }.map(\.topicPartitions))
        #expect(counts.count == 1)
    }

    @Test func `all tasks put the quality of their forecasts into one topic partition`() throws {
        let file = try #require(files.first { $0.name == TopicName.modelQuality })
        #expect(file.topicPartitions == 1)
    }

    @Test func `one planner sees all trends, telemetry and commands`() {
        let single = [TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.partitionCommands]
        #expect(files.filter { single.contains($0.name) }.map(\.topicPartitions) == [1, 1, 1])
    }
}
