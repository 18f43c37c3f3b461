internal import SimulatedKafka

/// AlterConfigs: all settings of a topic anew.
struct AlterConfigsRequest: Request {
    static let key: Int16 = 33
    static let versions: ClosedRange<Int16> = 0...2
    static let firstFlexible: Int16? = 2

    private let resources: [(type: Int8, name: String, settings: [String: String])]
    private let isTrial: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        resources = try reader.structs { reader throws(WireError) in
            let type = try reader.int8()
            let name = try reader.string()
            return (type: type, name: name, settings: try reader.settings())
        }
        isTrial = try reader.bool()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(resources) { out, resource in
            call.alter(resource.type, resource.name, isTrial: isTrial, into: &out) {
                _ throws(TopicSettings.Invalid) in
                try TopicSettings(resource.settings)
            }
        }
        out.tags()
        return true
    }
}

/// IncrementalAlterConfigs: some settings of a topic.
struct IncrementalAlterConfigsRequest: Request {
    static let key: Int16 = 44
    static let versions: ClosedRange<Int16> = 0...1
    static let firstFlexible: Int16? = 1

    private let resources: [(type: Int8, name: String, changes: [TopicSettings.Change])]
    private let isTrial: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        resources = try reader.structs { reader throws(WireError) in
            let type = try reader.int8()
            let name = try reader.string()
            let changes = try reader.structs { reader throws(WireError) -> TopicSettings.Change in
                let setting = try reader.string()
                let operation = try reader.int8()
                let value = try reader.nullableString() ?? ""
                switch operation {
                case 0: return .set(setting, value)
                case 1: return .delete(setting)
                case 2: return .append(setting, value)
                case 3: return .subtract(setting, value)
                default: throw .badLength(Int(operation))
                }
            }
            return (type: type, name: name, changes: changes)
        }
        isTrial = try reader.bool()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(resources) { out, resource in
            call.alter(resource.type, resource.name, isTrial: isTrial, into: &out) {
                settings throws(TopicSettings.Invalid) in
                try settings.applying(resource.changes)
            }
        }
        out.tags()
        return true
    }
}

extension Call {
    /// Gives a topic other settings, and answers what came of it.
    fileprivate func alter(
        _ type: Int8, _ name: String, isTrial: Bool, into out: inout WireWriter,
        _ settings: (TopicSettings) throws(TopicSettings.Invalid) -> TopicSettings
    ) {
        var failed: BatchError?
        if type != ConfigResource.topic {
            failed = BatchError(.invalidRequest, "only topics have settings that can be changed")
        } else if let old = model.settings(of: name) {
            do throws(TopicSettings.Invalid) {
                let new = try settings(old)
                let error = failure { () throws(ErrorCode) in
                    if !isTrial { try model.alterSettings(of: name, to: new) }
                }
                failed = error.map { BatchError($0, nil) }
            } catch {
                failed = BatchError(error.code, error.description)
            }
        } else {
            failed = BatchError(.unknownTopicOrPartition, nil)
        }
        out.error(failed?.code)
        out.string(failed?.reason)
        out.int8(type)
        out.string(name)
    }
}
