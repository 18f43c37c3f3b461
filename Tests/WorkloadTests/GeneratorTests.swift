import Contracts
import Testing

@testable import Workload

/// A workload small enough for tests.
func configuration(seed: UInt64, customers: Int = 400, days: Int = 10) -> GeneratorConfiguration {
    var configuration = GeneratorConfiguration(seed: seed)
    configuration.customers = customers
    configuration.days = days
    return configuration
}

private func bytes(_ configuration: GeneratorConfiguration) throws -> [UInt8] {
    var out: [UInt8] = []
    for event in try Generator(configuration) { event.encode(into: &out) }
    return out
}

@Suite struct GeneratorTests {
    @Test func theSeedAloneDecides() throws {
        let first = try bytes(configuration(seed: 1))
        #expect(first.count > 500_000)
        #expect(try bytes(configuration(seed: 1)) == first)
        #expect(try bytes(configuration(seed: 2)) != first)
    }

    @Test func bytesStayTheSameOverVersions() throws {
        // A change here changes every demo and benchmark: make it on purpose only.
        // (In theory another C library may round a logarithm differently.)
        let all = try bytes(configuration(seed: 1, customers: 50, days: 3))
        #expect(ByteHash.hash(all.span.bytes) == 7_590_340_301_924_516_879)
    }

    @Test func eventsComeInOrderOfArrival() throws {
        var configuration = configuration(seed: 3)
        configuration.lateShare = 0.1
        configuration.duplicateShare = 0.1
        var generator = try Generator(configuration)
        var before = configuration.start
        var late = 0
        while let event = generator.next() {
            #expect(generator.arrival >= before, "seed 3")
            let delay = generator.arrival - event.time
            #expect((0...2 * configuration.delayMax).contains(delay), "seed 3")
            if delay > 0 { late += 1 }
            before = generator.arrival
        }
        #expect(late > 1_000, "seed 3")
    }

    @Test func onlyDuplicatesShareAnId() throws {
        var configuration = configuration(seed: 4)
        configuration.duplicateShare = 0.05
        var seen: [String: TraceEvent] = [:]
        var copies = 0
        for event in try Generator(configuration) {
            if let other = seen.updateValue(event, forKey: event.id) {
                #expect(other == event, "seed 4")
                copies += 1
            }
        }
        #expect(abs(Double(copies) / Double(seen.count) - 0.05) < 0.01, "seed 4")
    }

    @Test func moreCustomersLeaveTheOthersAlone() throws {
        let few = try Generator(configuration(seed: 5, customers: 50)).map { $0 }
        let names = Set(few.map(\.customer))
        let same = try Generator(configuration(seed: 5, customers: 90)).filter { names.contains($0.customer) }
        #expect(names.count == 50, "seed 5")
        #expect(few == same, "seed 5")
    }

    @Test func ratesAreAsConfigured() throws {
        var configuration = configuration(seed: 6, customers: 2_000, days: 14)
        configuration.churnShare = 0
        configuration.duplicateShare = 0
        let events = try Generator(configuration).map { $0 }
        let rate = Double(events.count) / 2_000 / 14
        #expect(abs(rate - 2) < 0.15, "seed 6")
        #expect(events.allSatisfy { $0.time >= configuration.start && $0.time < configuration.end }, "seed 6")
        #expect(Set(events.compactMap(\.domain)) == ["sales", "support", "billing"], "seed 6")
        #expect(Set(events.map(\.region)).count == 8, "seed 6")
    }

    @Test func demandFollowsTheSunAndTheWeek() throws {
        var configuration = configuration(seed: 7, customers: 1_000, days: 14)
        configuration.regions = [
            RegionProfile("west", utcOffsetMinutes: -480, weight: 1),
            RegionProfile("east", utcOffsetMinutes: 480, weight: 1),
        ]
        configuration.launches = []
        var hours = ["west": [Int](repeating: 0, count: 24), "east": [Int](repeating: 0, count: 24)]
        var days = [Int](repeating: 0, count: 7)
        for event in try Generator(configuration) {
            hours[event.region]?[Int(event.time / 3_600_000 % 24)] += 1
            days[Int((event.time - configuration.start) / 86_400_000 % 7)] += 1
        }
        let west = try #require(hours["west"])
        let east = try #require(hours["east"])
        #expect(west[22] > 3 * west[10], "seed 7: 14:00 and 2:00 at UTC-8")
        #expect(east[6] > 3 * east[18], "seed 7: 14:00 and 2:00 at UTC+8")
        #expect(Double(days[5] + days[6]) < 0.65 * Double(days[1] + days[2]), "seed 7")
    }

    @Test func customersThatChurnFallSilent() throws {
        var configuration = configuration(seed: 8)
        configuration.churnShare = 1
        let events = try Generator(configuration).map { $0 }
        let middle = configuration.start + 5 * 86_400_000
        let last = events.filter { $0.time >= configuration.end - 86_400_000 }.count
        let half = events.filter { $0.time >= middle - 86_400_000 && $0.time < middle }.count
        #expect(last * 4 < half, "seed 8")
        #expect(events.allSatisfy { $0.time < configuration.end }, "seed 8")
    }

    @Test func travellersReturn() throws {
        var configuration = configuration(seed: 9, customers: 300, days: 60)
        configuration.travellerShare = 1
        configuration.moverShare = 0
        configuration.launches = []
        let generator = try Generator(configuration)
        let homes = Dictionary(uniqueKeysWithValues: generator.homes.map { ($0.customer, $0.home) })
        let events = generator.map { $0 }
        let away = events.filter { $0.region != homes[$0.customer] }.count
        // Trips of 6.5 days on average, 14 days apart.
        #expect(abs(Double(away) / Double(events.count) - 6.5 / 20.5) < 0.06, "seed 9")
    }

    @Test func wrongConfigurationsAreRefused() {
        func failure(_ change: (inout GeneratorConfiguration) -> Void) -> GeneratorConfiguration.Failure? {
            var wrong = GeneratorConfiguration(seed: 1)
            change(&wrong)
            return #expect(throws: GeneratorConfiguration.Failure.self) { _ = try Generator(wrong) }
        }
        func launch(_ home: String, _ target: String, _ fraction: Double) -> RegionalLaunch {
            RegionalLaunch(home: home, target: target, onsetDay: 1, fraction: fraction, rampDays: 1)
        }
        #expect(failure { $0.customers = 0 }?.description == "customers is 0.0; it must be 1.0 to 50000000.0")
        #expect(failure { $0.lateShare = .nan } != nil)
        #expect(failure { $0.regions.append($0.regions[0]) } == .badName(list: "regions", name: "us-east"))
        #expect(failure { $0.launches = [launch("us-east", "moon", 0.5)] } == .unknownRegion("moon"))
        #expect(failure { $0.launches = [launch("us-east", "us-east", 0.5)] } == .launchesHome("us-east"))
        #expect(
            failure { $0.launches = [launch("us-east", "us-west", 0.6), launch("us-east", "eu-west", 0.5)] }
                == .launchesTooLarge(home: "us-east"))
    }
}
