import Contracts
import Testing

@Suite struct JSONValueTests {
    private func written(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func parsed(_ text: String) throws(Rejection) -> JSONValue {
        try JSONValue(parsing: text.utf8Span.span.bytes)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-1.5e-7", #""""#, #""a\"\\\nü\u0001""#, "[]", "{}",
        #"{"b":[1,{"c":null}],"a":"x","":[[],{}]}"#,
    ])
    func `what is read is written as it was`(text: String) throws {
        #expect(written(try parsed(text)) == text)
        #expect(written(try parsed(" " + text + "\n")) == text)
    }

    @Test func `members are found by name`() throws {
        let value = try parsed(#"{"n":12,"r":2.5e1,"s":"t","\u0061":[1,2],"big":1e999}"#)
        #expect(value["n"]?.wholeNumber == 12 && value["n"]?.realNumber == 12)
        #expect(value["r"]?.realNumber == 25 && value["r"]?.wholeNumber == nil)
        #expect(value["s"]?.text == "t" && value["s"]?.elements == nil)
        #expect(value["a"]?.elements == [.integer(1), .integer(2)])
        #expect(value["big"]?.realNumber == nil)
        #expect(value["other"] == nil && JSONValue.null["n"] == nil)
    }

    @Test(arguments: [0.1, 1.0 / 3, 1e300, 2.3e-308, -0.0, 123_456_789])
    func `numbers come back exactly`(number: Double) throws {
        #expect(try parsed(written(.real(number))).realNumber == number)
    }

    @Test(arguments: [
        "", "{", #"{"a":1,}"#, "[1 2]", "01", "nul", #""\ud800""#, "1 2", #"{"a":1,"\u0061":2}"#,
        String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    ])
    func `what is no document is refused`(text: String) {
        #expect(throws: Rejection.self) { try parsed(text) }
    }
}
