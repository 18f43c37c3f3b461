import Glibc
import NIOCore

@testable import EmbeddedKafka

/// A connection that may say anything.
final class RawClient {
    struct Failure: Error {
        var call: String
        var number: Int32
    }

    private let socket: Int32
    private var correlation: Int32 = 0

    /// Connects to `127.0.0.1:port`.
    init(_ brokers: String) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Nothing here takes that long unless it is broken.
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let port = brokers.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let result = try SocketAddress(ipAddress: "127.0.0.1", port: port).withSockAddr { address, size in
            connect(socket, address, socklen_t(size))
        }
        if result != 0 { throw Failure(call: "connect", number: errno) }
    }

    deinit { close(socket) }

    /// Sends, unless the other side has gone already.
    func send(_ bytes: some Sequence<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let more = bytes.withUnsafeMutableBytes {
                let room = UnsafeMutableRawBufferPointer(rebasing: $0.dropFirst(received))
                return recv(socket, room.baseAddress, room.count, 0)
            }
            if more <= 0 { throw Failure(call: "recv", number: more == 0 ? 0 : errno) }
            received += more
        }
        return bytes
    }

    /// Says that nothing more comes.
    func endSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Once nobody holds it, it goes away without a word: the other side learns it from a reset.
    func resetAtEnd() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Waits for what comes next, and whether that is the end of the connection.
    var isEnded: Bool {
        get throws {
            do {
                _ = try receive(1)
                return false
            } catch let error as Failure {
                if error.number == 0 || error.number == ECONNRESET { return true }
                throw error
            }
        }
    }

    /// Asks and answers with the response's body.
    func request(_ kind: any Request.Type, _ version: Int16, _ body: ByteBuffer) throws -> WireReader {
        correlation += 1
        send(SampleRequests.frame(kind, version, correlation: correlation, body).readableBytesView)
        return try response(to: correlation, isFlexible: kind.isFlexible(version))
    }

    func response(to correlation: Int32, isFlexible: Bool) throws -> WireReader {
        let length = try receive(4).reduce(0) { $0 << 8 | Int($1) }
        var reader = WireReader(ByteBuffer(bytes: try receive(length)), isFlexible: isFlexible)
        guard try reader.int32() == correlation else {
            throw Failure(call: "not its correlation", number: correlation)
        }
        return reader
    }

    /// Whether the broker answers as it should: with its one topic.
    func goesOn() throws -> Bool {
        let version: Int16 = 1
        guard let body = SampleRequests.body(MetadataRequest.self, version) else { return false }
        let reader = try request(MetadataRequest.self, version, body)
        return String(decoding: reader.buffer.readableBytesView, as: UTF8.self).contains(topic)
    }
}
