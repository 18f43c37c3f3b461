internal import Logging
internal import SimulatedKafka

/// Something that goes wrong on purpose, for tests of clients.
public struct Fault: Sendable, Equatable {
    /// What happens to a request.
    public enum Action: Sendable, Equatable {
        /// It is answered with this error of Kafka's protocol, by number, and does nothing.
        case error(Int16)
        /// It is answered so many milliseconds late.
        case delay(Int64)
        /// Its connection ends before anything is done.
        case drop
        /// It is done, and its connection ends instead of the answer.
        case loseAnswer
    }

    /// To what.
    public var action: Action
    /// The kind of request by its name in Kafka's protocol, such as `Produce`; nil: every kind.
    public var request: String?
    /// To how many requests; nil: until the faults are cleared.
    public var times: Int?
    /// Only to clients whose name begins like this.
    public var client: String

    /// Describes a fault.
    public init(_ action: Action, on request: String? = nil, times: Int? = 1, client: String = "") {
        self.action = action
        self.request = request
        self.times = times
        self.client = client
    }

    /// Why a text describes no fault.
    public struct Unreadable: Error, Equatable, CustomStringConvertible {
        /// The reason, for people.
        public var description: String

        /// Tells the reason.
        public init(description: String) { self.description = description }
    }

    /// Reads `error 16 on Heartbeat times 3`, `delay 500 on Fetch times all client app-`, `drop on Produce`,
    /// `lose-answer on EndTxn`. Without `times`, once.
    public init(_ text: String) throws(Unreadable) {
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)[...]
        func number(_ what: String) throws(Unreadable) -> Int {
            guard let number = words.popFirst().flatMap(Int.init) else {
                throw Unreadable(description: "'\(text)': a number is missing after '\(what)'")
            }
            return number
        }
        let verb = words.popFirst() ?? ""
        switch verb {
        case "error":
            let code = Int16(clamping: try number(verb))
            if ErrorCode(rawValue: code) == nil {
                throw Unreadable(description: "'\(text)': \(code) is no error that this broker knows")
            }
            self.init(.error(code))
        case "delay": self.init(.delay(Int64(try number(verb))))
        case "drop": self.init(.drop)
        case "lose-answer": self.init(.loseAnswer)
        default:
            throw Unreadable(description: "'\(text)': error, delay, drop or lose-answer must come first")
        }
        while let word = words.popFirst() {
            switch word {
            case "times" where words.first == "all":
                words.removeFirst()
                times = nil
            case "times": times = try number(word)
            case "on": request = try Self.kind(words.popFirst() ?? "")
            case "client": client = words.popFirst() ?? ""
            default: throw Unreadable(description: "'\(text)': '\(word)' is none of on, times, client")
            }
        }
    }

    private static func kind(_ name: String) throws(Unreadable) -> String {
        if RequestKinds.all.contains(where: { RequestKinds.name(of: $0) == name }) { return name }
        let known = RequestKinds.all.map(RequestKinds.name).sorted().joined(separator: ", ")
        throw Unreadable(description: "there is no request '\(name)'; there are \(known)")
    }
}

/// The faults that are still to happen.
struct Faults {
    private var faults: [Fault] = []

    mutating func add(_ fault: Fault) { faults.append(fault) }
    mutating func clear() { faults = [] }

    /// What happens to this request: the first fault that fits.
    mutating func take(_ kind: any Request.Type, client: String) -> Fault.Action? {
        if faults.isEmpty { return nil }
        let name = RequestKinds.name(of: kind)
        for index in faults.indices {
            let fault = faults[index]
            guard fault.request == nil || fault.request == name, client.hasPrefix(fault.client) else {
                continue
            }
            if let times = fault.times {
                if times <= 1 { faults.remove(at: index) } else { faults[index].times = times - 1 }
            }
            return fault.action
        }
        return nil
    }

    /// Carries out a line of the control topic: a fault, or `clear`.
    mutating func command(_ text: String) throws(Fault.Unreadable) {
        if text == "clear" { clear() } else { add(try Fault(text)) }
    }
}

extension Broker {
    /// Carries out what a batch of the control topic says, a line a record.
    func obey(_ batch: EncodedBatch) {
        do {
            let unpacked = try UnpackedBatch(batch.bytes, limit: limits.decompressedBytes)
            var records = unpacked.records
            while let record = try records.next() {
                let text = String(decoding: unpacked.bytes(record.value) ?? [], as: UTF8.self)
                try faults.command(text)
                logger.info("fault: \(text)")
            }
        } catch {
            logger.warning("\(limits.faultTopic ?? ""): \(error)")
        }
    }
}
