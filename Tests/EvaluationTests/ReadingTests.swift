import Foundation
import Testing
import Workload

@testable import Evaluation

@Suite struct ReadingTests {
    private func read(_ name: String, _ text: String, sorting: Bool = false) throws -> EvaluationTrace {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())-\(name)").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try EvaluationTrace(path: path, target: .region, sorting: sorting)
    }

    @Test func `a table and lines of JSON read the same`() throws {
        let table = try read(
            "a.csv",
            """
            customer,ts,region,domain,kind,product
            ann,1000,west,sales,buy,disk
            ann,1000,west,bills,buy+,disk
            bob,2000,east,,look,
            """)
        let lines = try read(
            "a.jsonl",
            """
            {"customer":"ann","time":1000,"region":"west","domain":"sales","kind":"buy","product":"disk"}
            {"customer":"ann","time":1000,"region":"west","domain":"bills","kind":"buy+","product":"disk"}
            {"customer":"bob","time":"1970-01-01T00:00:02Z","region":"east","kind":"look"}
            """)
        #expect(table.events == lines.events)
        #expect(table.customers == lines.customers)
        #expect(table.regions == ["east", "west"])
        #expect(table.domains == ["", "sales"])
        #expect(table.kinds == lines.kinds)
        #expect(table.products == ["disk"])
        #expect(table.events.map(\.product) == [0, -1])
    }

    @Test func `lines of JSON that say too little are counted and left out`() throws {
        let trace = try read(
            "b.jsonl",
            """
            {"customer":"ann","time":1,"region":"west"}
            {"customer":"ann","time":2}
            {"customer":"ann","time":3,"region":"east"}
            """)
        #expect(trace.events.count == 2)
        #expect(trace.unreadable == 1)
    }

    @Test func `the line of a row out of order is named`() throws {
        #expect(throws: EvaluationFailure.notSorted(line: 4, time: 4, previous: 5)) {
            try read("c.csv", "customer,ts,region\na,1,r\na,5,s\na,4,r\n")
        }
    }

    @Test func `rows out of order are put in order where that is asked, those of one time as they came`()
        throws
    {
        let trace = try read("e.csv", "customer,ts,region\na,5,s\nb,4,r\nc,4,s\na,9,r\n", sorting: true)
        #expect(trace.events.map(\.time) == [4, 4, 5, 9])
        #expect(trace.events.map { trace.classes[Int($0.target)] } == ["r", "s", "s", "r"])
        #expect(
            trace.events.map { String(decoding: trace.customers[Int($0.customer)], as: UTF8.self) } == [
                "b", "c", "a", "a",
            ])
    }

    @Test func `a malformed row is the reader's to report`() throws {
        #expect(throws: TraceFailure.self) { try read("d.csv", "customer,ts,region\na,1\n") }
    }
}
