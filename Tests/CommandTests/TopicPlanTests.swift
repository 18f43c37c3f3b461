import Kafka
import Testing

@testable import foreshadow

@Suite struct TopicPlanTests {
    let file = TopicFile(
        name: "customers", topicPartitions: 8, replication: 3, config: ["cleanup.policy": "compact"])

    @Test func `a missing topic is created`() {
        let plan = TopicPlan(files: [file], topics: [], settings: [:])
        #expect(plan.steps == [.create(file)])
        #expect(!plan.hasConflicts)
    }

    @Test func `a topic as described needs nothing`() throws {
        let plan = try plan(topicPartitions: 8, policy: "compact")
        #expect(plan.isEmpty)
    }

    @Test func `a setting that differs is changed`() throws {
        let plan = try plan(topicPartitions: 8, policy: "delete")
        #expect(
            plan.steps == [
                .alter(topic: "customers", setting: "cleanup.policy", from: "delete", to: "compact")
            ])
    }

    @Test func `a topic with its senders' time stamps is told what that costs`() throws {
        var file = file
        file.config = ["message.timestamp.type": "LogAppendTime"]
        let topic = TopicDescription(name: "customers", topicPartitions: 8, replicas: 3)
        let plan = TopicPlan(
            files: [file], topics: [topic],
            settings: [
                "customers": [
                    "message.timestamp.type": TopicSetting(value: "CreateTime", isSetOnTopic: false)
                ]
            ])
        let line = try #require(plan.lines.first)
        #expect(line.hasPrefix("~ customers  message.timestamp.type: CreateTime -> LogAppendTime\n"))
        #expect(line.contains("one clock that is ahead closes windows for everybody"))
    }

    @Test(arguments: [Int32(4), 16]) func `another number of topic partitions is never changed`(count: Int32)
        throws
    {
        let plan = try plan(topicPartitions: count, policy: "compact")
        #expect(plan.hasConflicts)
        #expect(
            plan.lines.first?.hasPrefix("! customers  has \(count) topic partitions, described are 8") == true
        )
    }

    private func plan(topicPartitions: Int32, policy: String) throws -> TopicPlan {
        let topic = TopicDescription(name: "customers", topicPartitions: topicPartitions, replicas: 3)
        return TopicPlan(
            files: [file], topics: [topic],
            settings: ["customers": ["cleanup.policy": TopicSetting(value: policy, isSetOnTopic: true)]])
    }
}
