import ArgumentParser
import Testing

@testable import foreshadow

@Suite struct ForecastCommandTests {
    @Test(
        arguments: [("90s", 90_000), ("15m", 900_000), ("1h", 3_600_000), ("2d", 172_800_000)]
            as [(String, Int64)])
    func `a window's length is a number and a unit`(text: String, millis: Int64) throws {
        let length = try #require(WindowLength(argument: text))
        #expect(length.millis == millis)
        #expect(WindowLength(argument: length.description) == length)
    }

    @Test(arguments: ["", "h", "1", "0h", "-1h", "1w", "1.5h", "99999999999999999999h"])
    func `what is no length is refused`(text: String) { #expect(WindowLength(argument: text) == nil) }

    @Test func `options that cannot work are refused with a reason`() {
        #expect(throws: (any Error).self) {
            try ForecastCommand.parse(["--input", "f.csv", "--horizon", "0"])
        }
        #expect(throws: (any Error).self) {
            try ForecastCommand.parse(["--input", "f.csv", "--window", "30d"])
        }
        #expect(throws: Never.self) {
            try ForecastCommand.parse(["--input", "f.csv", "--window", "15m", "--horizon", "4"])
        }
    }
}
