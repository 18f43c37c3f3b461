import Kafka
import Testing

@testable import Streams

@Suite struct TasksTests {
    let now = ContinuousClock.now

    @Test func `a task starts reading at the beginning and is silent up to what was committed`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 2)
        #expect(tasks.assign(1, input: 0, committed: 40, now: now) == 0)
        #expect(tasks.restoring == 40)
        #expect(tasks.uncommitted().isEmpty)
    }

    @Test func `a task that comes back goes on where it was`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 1)
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        tasks.reachedEnd(0, input: 0, next: 7)
        #expect(tasks.uncommitted() == [TopicPartition("in", 0): 7])
        tasks.markCommitted()
        tasks.revoke(0, input: 0)
        #expect(tasks.assign(0, input: 0, committed: 9, now: now) == 7)
    }

    @Test func `a task that is ahead of what was committed starts anew`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 1)
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        tasks.reachedEnd(0, input: 0, next: 7)
        tasks.revoke(0, input: 0)
        #expect(tasks.assign(0, input: 0, committed: 5, now: now) == 0)
    }

    @Test func `what an assignment does not give back is forgotten`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 2)
        for number in 0...1 { _ = tasks.assign(number, input: 0, committed: 0, now: now) }
        for number in 0...1 { tasks.revoke(number, input: 0) }
        _ = tasks.assign(1, input: 0, committed: 0, now: now)
        tasks.dropUnassigned()
        #expect(tasks.slots.map { $0 != nil } == [false, true])
    }

    @Test func `silence is told once, and only at the end of the input`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 1)
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        #expect(tasks.takeIdle(since: now, input: 0).isEmpty)
        tasks.reachedEnd(0, input: 0, next: 1)
        #expect(tasks.takeIdle(since: now - .seconds(1), input: 0).isEmpty)
        #expect(tasks.takeIdle(since: now, input: 0) == [0])
        #expect(tasks.takeIdle(since: now, input: 0).isEmpty)
    }

    @Test func `topic partitions that are not held are not committed`() {
        var tasks = Tasks(stage: Counting.stage(), taskCount: 1)
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        tasks.reachedEnd(0, input: 0, next: 7)
        tasks.revoke(0, input: 0)
        #expect(tasks.uncommitted().isEmpty)
    }
}
