import ArgumentParser
import Backtest
import Testing

@testable import foreshadow

@Suite struct BacktestCommandTests {
    @Test(arguments: [
        ["--copies", "3"], ["--lead-minutes", "-1"], ["--budget", "-0.5"], ["--capacity", "0"],
        ["--policy", "guess"], ["--max-regions", "1"], ["--customer-bytes", "-1"],
    ])
    func `options that make no sense are refused`(options: [String]) {
        #expect(throws: (any Error).self) {
            try BacktestCommand.parse(["--input", "trace.csv"] + options)
        }
    }

    @Test func `policies are chosen by their names`() throws {
        let command = try BacktestCommand.parse(
            ["--input", "trace.csv", "--policy", "last", "--policy", "follow-the-workload"])
        #expect(command.policy == [.last, .followTheWorkload])
    }

    @Test func `what cannot be placed ends the command with the code for a bad input`() {
        #expect(CommandFailure(BacktestFailure.nothingToRead)?.exitCode.rawValue == 2)
    }
}
