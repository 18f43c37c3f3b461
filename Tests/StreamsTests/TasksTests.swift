import Kafka
import Testing

@testable import Streams

@Suite struct TasksTests {
    let now = ContinuousClock.now

    /// The only task of a stage, fresh.
    private func tasks(count: Int32 = 1) -> Tasks<Counting> {
        var tasks = Tasks(stage: Counting.stage(), taskCount: count)
        for number in 0..<count { tasks[number] = tasks.fresh(number, now: now) }
        return tasks
    }

    private func read(_ next: Int64, of number: Int32 = 0, in tasks: Tasks<Counting>) {
        tasks[number]?.inputs[0].position = next
        tasks[number]?.inputs[0].isAtEnd = true
    }

    @Test func `a task starts reading at the beginning and is silent up to what was committed`() {
        var tasks = tasks(count: 2)
        #expect(tasks.assign(1, input: 0, committed: 40, now: now) == 0)
        #expect(tasks.restoring == 40)
        #expect(tasks.uncommitted().isEmpty)
    }

    @Test func `a task with restored state reads on where its snapshot was made`() {
        var tasks = tasks()
        read(30, in: tasks)
        #expect(tasks.assign(0, input: 0, committed: 40, now: now) == 30)
    }

    @Test func `where nothing is committed the snapshot says what was processed`() {
        var tasks = tasks()
        read(30, in: tasks)
        #expect(tasks.assign(0, input: 0, committed: nil, now: now) == 30)
        #expect(tasks[0]?.inputs[0].liveFrom == 30)
    }

    @Test func `a task that comes back goes on where it was`() {
        var tasks = tasks()
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        read(7, in: tasks)
        #expect(tasks.uncommitted().mapValues(\.offset) == [TopicPartition("in", 0): 7])
        tasks.markCommitted(tasks.uncommitted())
        #expect(tasks.uncommitted().isEmpty)
        tasks.revoke(0, input: 0)
        #expect(tasks.assign(0, input: 0, committed: 9, now: now) == 7)
    }

    @Test func `what an assignment does not give back is forgotten`() {
        var tasks = tasks(count: 2)
        for number in Int32(0)...1 { _ = tasks.assign(number, input: 0, committed: 0, now: now) }
        for number in Int32(0)...1 { tasks.revoke(number, input: 0) }
        _ = tasks.assign(1, input: 0, committed: 0, now: now)
        tasks.dropUnassigned()
        #expect(tasks.slots.map { $0 != nil } == [false, true])
    }

    @Test func `silence is told once, and only at the end of the input`() {
        var tasks = tasks()
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        #expect(tasks.takeIdle(since: now, input: 0).isEmpty)
        read(1, in: tasks)
        #expect(tasks.takeIdle(since: now - .seconds(1), input: 0).isEmpty)
        #expect(tasks.takeIdle(since: now, input: 0) == [0])
        #expect(tasks.takeIdle(since: now, input: 0).isEmpty)
    }

    @Test func `topic partitions that are not held are not committed`() {
        var tasks = tasks()
        _ = tasks.assign(0, input: 0, committed: 0, now: now)
        read(7, in: tasks)
        tasks.revoke(0, input: 0)
        #expect(tasks.uncommitted().isEmpty)
    }
}
