import Alerting
import Configuration

extension AlertConfiguration {
    /// Takes what a configuration says; what it does not say stays.
    mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "utilisationMilli", &utilisationMilli)
        bottleneckHold.read(reader.scoped(to: "bottleneckHold"))
        anomaly.read(reader.scoped(to: "anomaly"))
        budget.read(reader.scoped(to: "budget"))
        missingHold.read(reader.scoped(to: "missingHold"))
        readNumber(reader, "rampWindows", &rampWindows)
        readNumber(reader, "provisioningWindows", &provisioningWindows)
        readNumber(reader, "deadLetters", &deadLetters)
        deadLettersHold.read(reader.scoped(to: "deadLettersHold"))
        readNumber(reader, "lagRecords", &lagRecords)
        readNumber(reader, "lagMillis", &lagMillis)
        lagHold.read(reader.scoped(to: "lagHold"))
        readNumber(reader, "stallMillis", &stallMillis)
        stallHold.read(reader.scoped(to: "stallHold"))
        readNumber(reader, "ratioPerBillion", &ratioPerBillion)
        ratioHold.read(reader.scoped(to: "ratioHold"))
        readNumber(reader, "forgetWindows", &forgetWindows)
        readNumber(reader, "gapWindows", &gapWindows)
        readNumber(reader, "subjectsMax", &subjectsMax)
        readNumber(reader, "waitingWindowsMax", &waitingWindowsMax)
    }
}

extension AlertHold {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "fireWindows", &fireWindows)
        readNumber(reader, "resolveWindows", &resolveWindows)
    }
}

extension AnomalyLimits {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "spreadMilli", &spreadMilli)
        readNumber(reader, "warmUpWindows", &warmUpWindows)
        readNumber(reader, "learnWindows", &learnWindows)
        readNumber(reader, "minimumRequests", &minimumRequests)
        readNumber(reader, "loadFloor", &loadFloor)
        readNumber(reader, "latencyFloorMicros", &latencyFloorMicros)
        readNumber(reader, "errorFloorPerMillion", &errorFloorPerMillion)
        hold.read(reader.scoped(to: "hold"))
    }
}

extension ErrorBudget {
    fileprivate mutating func read(_ reader: ConfigReader) {
        readNumber(reader, "perMillion", &perMillion)
        readNumber(reader, "minimumErrors", &minimumErrors)
        BurnLimit.read(reader.scoped(to: "fast"), &fast)
        BurnLimit.read(reader.scoped(to: "slow"), &slow)
        hold.read(reader.scoped(to: "hold"))
    }
}

extension BurnLimit {
    /// Limits as three lists of one length, one number a limit in each. Lists that do not fit are left as they come, with
    /// zeros, which validation refuses.
    fileprivate static func read(_ reader: ConfigReader, _ limits: inout [BurnLimit]) {
        let long = reader.intArray(forKey: "longMillis", default: limits.map { Int($0.longMillis) })
        let short = reader.intArray(forKey: "shortMillis", default: limits.map { Int($0.shortMillis) })
        let rate = reader.intArray(forKey: "rateMilli", default: limits.map { Int($0.rateMilli) })
        func number(_ list: [Int], _ place: Int) -> Int64 { place < list.count ? Int64(list[place]) : 0 }
        limits = (0..<max(long.count, short.count, rate.count)).map { place in
            BurnLimit(
                longMillis: number(long, place), shortMillis: number(short, place),
                rateMilli: number(rate, place))
        }
    }
}
