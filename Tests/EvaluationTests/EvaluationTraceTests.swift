import Testing

@testable import Evaluation

@Suite struct EvaluationTraceTests {
    @Test func `names are sorted and customers stand in the order they come`() throws {
        let trace = try trace(["bob west", "ann east", "bob east"])
        #expect(trace.regions == ["east", "west"])
        #expect(trace.classes == trace.regions)
        #expect(trace.customers.map { String(decoding: $0, as: UTF8.self) } == ["bob", "ann"])
        #expect(trace.events.map(\.customer) == [0, 1, 0])
        #expect(trace.events.map(\.target) == [1, 0, 0])
        #expect(trace.events.map(\.time) == [0, 1_000, 2_000])
        #expect(trace.events.map(\.product) == [-1, -1, -1])
    }

    @Test func `secondary rows are left out`() throws {
        let trace = try trace(["a r x commit", "a s y commit+", "a s z commit"])
        #expect(trace.domains == ["x", "z"])
        #expect(trace.kinds == ["commit"])
        #expect(trace.events.count == 2)
    }

    @Test func `pairs are made of regions and domains as they are after merging`() throws {
        var limits = ClassLimits()
        limits.regions = 2
        let trace = try trace(
            ["a r x", "a r x", "a s x", "a t y"], target: .pair, limits: limits)
        #expect(trace.regions == ["other", "r"])
        #expect(trace.classes == ["other|x", "other|y", "r|x"])
        #expect(trace.events.map(\.target) == [2, 2, 0, 1])
    }

    @Test func `rare classes become other, which needs a place`() {
        #expect(ClassNumbers(["a", "b", "c", "a", "c"], limit: 3).names == ["a", "b", "c"])
        #expect(ClassNumbers(["a", "b", "c", "a", "c"], limit: 2).names == ["a", "other"])
        #expect(ClassNumbers(["b", "a", "c"], limit: 2).names == ["b", "other"])
    }

    @Test func `other keeps the place it has earned itself`() {
        let texts = ["a", "other", "a", "other", "b", "b", "c"]
        #expect(ClassNumbers(texts, limit: 3).names == ["a", "b", "other"])
        #expect(ClassNumbers(texts, limit: 3).numbers == [0, 2, 0, 2, 1, 1, 2])
    }

    @Test func `a row out of order is named`() throws {
        let failure = #expect(throws: EvaluationFailure.self) {
            _ = try trace([(time: 5, text: "a r"), (time: 3, text: "a s")])
        }
        #expect(failure == .notSorted(line: 3, time: 3, previous: 5))
    }

    @Test func `one class is nothing to predict`() throws {
        #expect(throws: EvaluationFailure.tooFewClasses(.region, found: 1)) { try trace(["a r", "a r"]) }
    }

    @Test(arguments: [
        ("/data/visits.csv.gz", "visits"), ("visits.jsonl", "visits"), ("a.b.csv", "a.b"), ("-", "stdin"),
    ])
    func `a dataset is named after its file`(path: String, name: String) {
        #expect(EvaluationTrace.name(ofFile: path) == name)
    }
}
