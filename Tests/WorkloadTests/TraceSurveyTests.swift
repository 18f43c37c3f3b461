import Testing

@testable import Workload

@Suite struct TraceSurveyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func surveyCountsWhatIsThere() throws {
        let path = try folder.gzip(
            "s.csv.gz",
            "customer,ts,region,domain\na,10,west,y\nb,30,east,\na,20,west,x\nc,40,east,x\nc,40,west,x\n")
        let survey = try TraceSurvey(TraceReader(path: path))
        #expect(survey.events == 5)
        #expect(survey.customers == 3)
        #expect(survey.first == 10)
        #expect(survey.last == 40)
        #expect(survey.disorder == 10)
        #expect(!survey.isInOrder)
        #expect(survey.regions.map(\.partition) == ["east", "west"])
        #expect(survey.regions.map(\.events) == [2, 3])
        #expect(survey.places.map(\.partition) == ["east", "east/x", "west/x", "west/y"])
        #expect(survey.places.map(\.events) == [1, 1, 2, 1])
    }

    @Test func linesThatSayTooLittleAreCountedApart() throws {
        let path = try folder.plain(
            "s.jsonl", #"{"customer":"a","time":1,"region":"r"}"# + "\n{}\n" + #"{"customer":"a"}"# + "\n")
        let survey = try TraceSurvey(TraceReader(path: path))
        #expect(survey.events == 1)
        #expect(survey.unreadable == 2)
        #expect(survey.isInOrder)
    }

    @Test func surveyOfNothingIsEmpty() throws {
        let survey = try TraceSurvey(TraceReader(path: try folder.plain("e.csv", "")))
        #expect(survey.events == 0)
        #expect(survey.first == nil)
        #expect(survey.regions.isEmpty)
    }

    @Test func malformedRowEndsTheSurvey() throws {
        let path = try folder.plain("m.csv", "customer,ts,region\na,1\n")
        let failure = #expect(throws: TraceFailure.self) { _ = try TraceSurvey(TraceReader(path: path)) }
        #expect(failure?.line == 2)
    }
}
