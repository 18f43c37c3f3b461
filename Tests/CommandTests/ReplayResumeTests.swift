import Kafka
import Testing

@testable import foreshadow

@Suite struct ReplayResumeTests {
    @Test(arguments: [Int64(0), 1, 5, 10]) func `a resumed replay publishes exactly what is lacking`(
        done: Int64
    ) {
        var resume = ReplayResume(done: done)
        let published = (Int64(1)...10).filter { _ in resume.take() }
        #expect(published == Array((done + 1)..<11))
        #expect(resume.taken == 10 - done)
        #expect(resume.skipped == done)
        #expect(resume.position == 10)
    }

    @Test func `progress never goes back, even if the source has become shorter`() {
        var resume = ReplayResume(done: 7)
        let published = (0..<3).filter { _ in resume.take() }
        #expect(published == [])
        #expect(resume.position == 7)
        #expect(resume.taken == 0)
        #expect(resume.skipped == 3)
    }

    @Test func `stopping anywhere and going on gives every record once`() {
        var committed: Int64 = 0
        var published: [Int64] = []
        for stopAfter in [3, 1, 4, 10] as [Int64] {
            var resume = ReplayResume(done: committed)
            for record in Int64(1)...12 where resume.taken < stopAfter {
                if resume.take() { published.append(record) }
            }
            committed = resume.position
        }
        #expect(published == Array(1...12))
    }

    @Test(arguments: [
        ("21", Int32(-973_932_308)), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829), ("abc", 479_470_107),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
    ])
    func `keys are spread as Java's clients do`(key: String, hash: Int32) {
        #expect(Int32(bitPattern: Murmur2.hash(Array(key.utf8))) == hash)
    }
}

@Suite struct ReplayTopicsTests {
    let files = [
        "affinity-vectors", "partition-trends", "partition-commands", "interactions-dead-letter",
        "updater-snapshots", "trends-snapshots", "planner-snapshots", "interactions", "partition-telemetry",
        "alerts", "partition-forecasts", "model-quality",
    ].map {
        TopicFile(name: $0, topicPartitions: 8, replication: 3, config: ["min.insync.replicas": "2"])
    }

    @Test func `topics are made like the live ones`() throws {
        let live = [TopicDescription(name: "affinity-vectors", topicPartitions: 24, replicas: 1)]
        let missing = try ReplayTopics.missing("r7", files: files, cluster: live, hasInputs: false)
        #expect(missing.count == 10)
        #expect(
            missing.first
                == TopicFile(
                    name: "r7.affinity-vectors", topicPartitions: 24, replication: 1,
                    config: ["min.insync.replicas": "1"]))
        #expect(!missing.contains { $0.name == "r7.interactions" })
    }

    @Test func `what is there stays, and a trace needs inputs of its own`() throws {
        let there = [TopicDescription(name: "r7.interactions", topicPartitions: 8, replicas: 1)]
        let missing = try ReplayTopics.missing("r7", files: files, cluster: there, hasInputs: true)
        #expect(missing.count == 11)
        #expect(!missing.contains { $0.name == "r7.interactions" })
    }

    @Test(arguments: ["", ".", "..", "a b", "a/b", "ä", String(repeating: "a", count: 101)])
    func `what cannot precede a topic's name is refused`(name: String) {
        #expect(!ReplayTopics.isName(name))
    }
}
