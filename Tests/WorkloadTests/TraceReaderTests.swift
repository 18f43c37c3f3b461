import Contracts
import Testing

@testable import Workload

/// Reads all of a file; what a test asserts on.
private func read(_ path: String, format: TraceFormat? = nil) throws -> [TraceRecord] {
    var reader = try TraceReader(path: path, format: format)
    var records: [TraceRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
}

/// The failure that reading a file ends in.
private func failure(_ path: String) throws -> TraceFailure {
    try #require(throws: TraceFailure.self) { _ = try read(path) }
}

extension TraceRecord {
    fileprivate var text: String { String(decoding: value, as: UTF8.self) }
}

@Suite struct TraceReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func rowsBecomeInteractions() throws {
        let path = try folder.plain(
            "visits.csv",
            """
            customer,ts,region,domain,kind,bytes,product,op,id
            ann,1000,us-east,sales,browse,12,compute,read,e1
            bob,2026-01-05T00:00:00.25+01:00,eu,,,,,,
            """)
        let records = try read(path)
        #expect(
            records.map(\.text) == [
                #"{"id":"e1","customer":"ann","time":1000,"kind":"browse","region":"us-east","#
                    + #""domain":"sales","bytes":12,"product":"compute","op":"read"}"#,
                #"{"id":"visits-3","customer":"bob","time":1767567600250,"kind":"access","region":"eu"}"#,
            ])
        #expect(records.map(\.key) == [Array("ann".utf8), Array("bob".utf8)])
        #expect(records.map(\.time) == [1_000, 1_767_567_600_250])
        #expect(records.map(\.domain) == ["sales", nil])
        #expect(records.map(\.kind) == ["browse", "access"])
        #expect(records.map(\.product) == ["compute", nil])
        #expect(records.map(\.line) == [2, 3])
    }

    @Test func columnsMayComeInAnyOrderAndOthersAreIgnored() throws {
        let path = try folder.plain("a.csv", "note,region,time,customer\r\nhello,r,5,c\r\n\r\n")
        #expect(
            try read(path).map(\.text) == [
                #"{"id":"a-2","customer":"c","time":5,"kind":"access","region":"r"}"#
            ])
    }

    @Test func quotedFieldsMayHoldCommasQuotesAndLineBreaks() throws {
        let path = try folder.plain(
            "q.csv", "customer,ts,region,kind\n\"a,b\",1,\"say \"\"r\"\"\",\"two\r\nlines\"\nc,2,r,k\n")
        let records = try read(path)
        #expect(records.map(\.region) == ["say \"r\"", "r"])
        #expect(records[0].key == Array("a,b".utf8))
        #expect(records[0].text.contains(#""region":"say \"r\"""#))
        #expect(records[0].text.contains(#""kind":"two\r\nlines""#))
        #expect(records.map(\.line) == [2, 4])
    }

    @Test func gzipAndPlainReadTheSame() throws {
        let text = "customer,ts,region\n" + (0..<20_000).map { "c\($0 % 97),\($0),r\($0 % 5)\n" }.joined()
        let plain = try read(try folder.plain("same.csv", text))
        let packed = try read(try folder.gzip("same.csv.gz", text))
        #expect(plain.count == 20_000)
        #expect(plain == packed)
    }

    @Test func progressRisesFromNothingToAll() throws {
        let text = "customer,ts,region\n" + (0..<60_000).map { "c\($0 &* 7919),\($0),r\n" }.joined()
        var reader = try TraceReader(path: try folder.gzip("long.csv.gz", text))
        var seen: [Double] = []
        while let record = try reader.next() {
            let fraction = reader.fraction
            if record.line % 1_000 == 0 { seen.append(try #require(fraction)) }
        }
        #expect(seen.first ?? 1 < 0.5)
        #expect(seen == seen.sorted())
        let (end, size, offset) = (reader.fraction, reader.compressedSize, reader.compressedOffset)
        #expect(end == 1)
        #expect(size == offset)
    }

    @Test func linesOfJSONPassUntouched() throws {
        let lines = [
            #"{"id":"1","customer":"ann","time":7,"region":"r","domain":"d","x":{"customer":["}"]}}"#,
            #"{"customer":"ann","time":8,"region":"r","kind":"k","product":"p"}"#,
            #" { "time" : "1970-01-01T00:00:01Z" , "customer" : "\u00e9\"\ud83d\ude00" , "region":"x"}"#,
            #"{"customer":"ann","time":7.5,"region":3}"#,
            "not JSON at all",
            #"{"customer":"cut"#,
        ]
        let path = try folder.gzip("lines.jsonl.gz", lines.joined(separator: "\r\n") + "\n\n")
        let records = try read(path)
        #expect(records.map(\.text) == lines)
        #expect(
            records.map { String(decoding: $0.key, as: UTF8.self) } == ["ann", "ann", "é\"😀", "ann", "", ""])
        #expect(records.map(\.time) == [7, 8, 1_000, nil, nil, nil])
        #expect(records.map(\.region) == ["r", "r", "x", nil, nil, nil])
        #expect(records[0].domain == "d")
        #expect(records.map(\.kind) == [nil, "k", nil, nil, nil, nil])
        #expect(records.map(\.product) == [nil, "p", nil, nil, nil, nil])
    }

    @Test func emptyFileHoldsNothing() throws {
        #expect(try read(try folder.plain("empty.csv", "")).isEmpty)
        #expect(try read(try folder.plain("header.csv", "customer,ts,region\n")).isEmpty)
    }

    @Test func byteOrderMarkIsSkipped() throws {
        #expect(try read(try folder.plain("bom.csv", "\u{FEFF}customer,ts,region\nc,1,r")).count == 1)
    }

    @Test(arguments: [
        ("c,1", TraceFailure.Reason.fieldCount(found: 2, expected: 5)),
        ("c,1,r,,,", .fieldCount(found: 6, expected: 5)),
        (",1,r,,", .emptyField("customer")),
        ("c,1,,,", .emptyField("region")),
        ("c,,r,,", .emptyField("time")),
        ("c,yesterday,r,,", .malformedField("time", value: "yesterday")),
        ("c,2026-02-29T00:00:00Z,r,,", .malformedField("time", value: "2026-02-29T00:00:00Z")),
        ("c,1,r,-5,", .malformedField("bytes", value: "-5")),
        ("c,1,r,,delete", .malformedField("op", value: "delete")),
        ("c,1,r\"x\",,", .misplacedQuote(field: 3)),
        ("c,1,\"r\"x,,", .misplacedQuote(field: 3)),
        ("c,1,\"r,,", .unterminatedQuote),
    ])
    func malformedRowIsNamedByFileAndLine(row: String, reason: TraceFailure.Reason) throws {
        let path = try folder.plain("bad.csv", "customer,ts,region,bytes,op\nok,1,r,1,read\n\(row)\n")
        let failure = try failure(path)
        #expect(failure == TraceFailure(path: path, line: 3, reason: reason))
        #expect(failure.description.hasPrefix("\(path):3: "))
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let path = try folder.plain(
            "bytes.csv", bytes: Array("customer,ts,region\nc".utf8) + [0xFF] + Array(",1,r".utf8))
        #expect(try failure(path).reason == .notUTF8)
    }

    @Test func readingGoesOnAfterAMalformedRow() throws {
        let path = try folder.plain("skip.csv", "customer,ts,region\na,1,r\nbad\nb,2,r\n")
        var reader = try TraceReader(path: path)
        var lines: [Int?] = []
        var failures: [Int?] = []
        for _ in 0..<4 {
            do { lines.append(try reader.next()?.line) } catch { failures.append(error.line) }
        }
        #expect(lines == [2, 4, nil])
        #expect(failures == [3])
    }

    @Test func headerMustHaveWhatIsNeeded() throws {
        let without = try folder.plain("h1.csv", "customer,region\n")
        #expect(try failure(without) == TraceFailure(path: without, line: 1, reason: .missingColumn("time")))
        let twice = try folder.plain("h2.csv", "customer,region,ts,time\n")
        #expect(try failure(twice).reason == .duplicateColumn("time"))
    }

    @Test func damagedAndMissingFilesAreToldApart() throws {
        let text = "customer,ts,region\n" + (0..<50_000).map { "c\($0 &* 7919),\($0),r\n" }.joined()
        let path = try folder.gzip("cut.csv.gz", text)
        try folder.cut(path, to: 30_000)
        guard case .cannotRead = try failure(path).reason else {
            Issue.record("a file cut short was taken for a whole one")
            return
        }
        let missing = try failure(folder.path + "/missing.csv")
        #expect(
            missing.description == "\(folder.path)/missing.csv: cannot be opened: No such file or directory")
    }

    @Test func longLinesAreRefused() throws {
        let path = try folder.plain(
            "wide.csv", "customer,ts,region\n" + String(repeating: "x", count: 1 << 21))
        #expect(try failure(path) == TraceFailure(path: path, line: 2, reason: .tooLong(limit: 1 << 20)))
    }
}
