internal import SimulatedKafka

/// ApiVersions: what this broker answers.
struct ApiVersionsRequest: Request {
    static let key: Int16 = 18
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 3

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        // From version 3 on the client tells its software's name and version, which does not matter here.
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        Self.write(nil, call.version, into: &out)
        return true
    }

    /// A client whose version is too new is answered in version 0, with an error and the versions there are.
    static func write(_ error: ErrorCode?, _ version: Int16, into out: inout WireWriter) {
        out.error(error)
        out.structs(RequestKinds.all) { out, kind in
            out.int16(kind.key)
            // Clients on librdkafka compress only if version 0 of Produce is offered, which they do not use.
            out.int16(kind.key == ProduceRequest.key ? 0 : kind.versions.lowerBound)
            out.int16(kind.versions.upperBound)
        }
        if version >= 1 { out.throttleTime() }
        out.tags()
    }
}
