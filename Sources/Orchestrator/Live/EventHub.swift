internal import NIOCore
internal import Synchronization

/// Hands events to everybody who listens, without ever waiting for one: what a slow listener does not take, the oldest
/// first, is dropped.
final class EventHub: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let listenersMax: Int
    private let buffered: Int

    init(listenersMax: Int, buffered: Int) {
        self.listenersMax = listenersMax
        self.buffered = buffered
    }

    var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// Events from now on, until whoever reads them stops; nil if there are too many listeners.
    func listen() -> AsyncStream<ByteBuffer>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(buffered))
        let number: Int? = state.withLock { state in
            if state.isClosed || state.listeners.count >= listenersMax { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let number else { return nil }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// Sends an event of one line of JSON (HTML Standard, 9.2: server-sent events).
    func send(_ event: StaticString, _ json: [UInt8]) {
        let listeners = state.withLock { Array($0.listeners.values) }
        if listeners.isEmpty { return }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(json.count + 32)
        buffer.writeString("event: ")
        buffer.writeStaticString(event)
        buffer.writeString("\ndata: ")
        buffer.writeBytes(json)
        buffer.writeString("\n\n")
        for listener in listeners { listener.yield(buffer) }
    }

    /// Ends all streams.
    func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
