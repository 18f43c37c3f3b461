internal import Logging
internal import NIOCore
internal import SimulatedKafka

/// One client's connection: answers its requests one after the other, as Kafka does.
///
/// Nothing is read while a request waits or its response is on the way, so a client that does not read gets no
/// more than one response into the broker's memory.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let broker: Broker
    private let logger: Logger
    private let host: String
    private var requests: CircularBuffer<ByteBuffer> = []
    private var pending: Pending?
    private var isBusy = false

    init(_ broker: Broker, host: String, logger: Logger) {
        self.broker = broker
        self.host = host
        self.logger = logger
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        guard broker.hasRoom else { return end(context, "no more connections are taken") }
        broker.opened(context.channel)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { requests.append(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) { serve(context) }

    func channelInactive(context: ChannelHandlerContext) {
        broker.forget(ObjectIdentifier(self))
        broker.closed(context.channel)
        pending = nil
        requests.removeAll()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            end(context, "silent for too long")
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, "\(error)") }

    private func end(_ context: ChannelHandlerContext, _ reason: String) {
        logger.warning("connection from \(host) ended: \(reason)")
        context.close(promise: nil)
    }

    // MARK: Serving

    private func serve(_ context: ChannelHandlerContext) {
        while !isBusy, let frame = requests.popFirst() {
            do {
                try handle(frame, context)
            } catch {
                requests.removeAll()
                return end(context, "\(error)")
            }
        }
        if !isBusy, context.channel.isActive { context.read() }
    }

    private func handle(_ frame: ByteBuffer, _ context: ChannelHandlerContext) throws {
        var frame = frame
        guard let key: Int16 = frame.readInteger(), let version: Int16 = frame.readInteger(),
            let correlation: Int32 = frame.readInteger()
        else { throw WireError.tooShort }
        guard let kind = RequestKinds.byKey[key] else { throw RequestFailure.unknownKind(key) }
        guard kind.versions.contains(version) else {
            if kind != ApiVersionsRequest.self { throw RequestFailure.unknownVersion(version, "\(kind)") }
            return refuseApiVersions(correlation, context)
        }
        // The header's text has the old encoding whatever the version (KIP-511).
        var header = WireReader(frame, isFlexible: false)
        let clientID = try header.nullableString() ?? ""
        let isFlexible = kind.isFlexible(version)
        var reader = WireReader(header.buffer, isFlexible: isFlexible)
        try reader.skipTags()
        let request: any Request
        do throws(WireError) {
            request = try kind.init(from: &reader, version: version)
        } catch {
            throw RequestFailure.unreadable(error, "\(kind)")
        }
        isBusy = true
        var call = Call(broker: broker, version: version, clientID: clientID, host: host)
        let fault = broker.faults.take(kind, client: clientID)
        if case .error(let code) = fault { call.injected = ErrorCode(rawValue: code) }
        pending = Pending(request: request, call: call, correlation: correlation, fault: fault)
        switch fault {
        case .drop: return end(context, "a fault that was asked for")
        case .delay(let milliseconds):
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
                self.answerOrPark(context)
            }
        case .error, .loseAnswer, nil: answerOrPark(context)
        }
    }

    private func answerOrPark(_ context: ChannelHandlerContext) {
        guard let request = pending?.request, !answerPending(context) else { return }
        broker.park(ObjectIdentifier(self), request.wait) { isDue in
            self.pending?.call.isDue = isDue
            return self.answerPending(context)
        }
    }

    /// The request that is being answered, or waits.
    private struct Pending {
        var request: any Request
        var call: Call
        var correlation: Int32
        var fault: Fault.Action?
    }

    /// Answers if there is an answer.
    private func answerPending(_ context: ChannelHandlerContext) -> Bool {
        guard var pending else { return true }
        let kind = type(of: pending.request)
        var buffer = context.channel.allocator.buffer(capacity: 256)
        buffer.writeInteger(0 as Int32)
        buffer.writeInteger(pending.correlation)
        var writer = WireWriter(buffer, isFlexible: kind.isFlexible(pending.call.version))
        // The response to ApiVersions has the old header, so that any client can read it.
        if kind != ApiVersionsRequest.self { writer.tags() }
        guard pending.request.answer(pending.call, into: &writer) else {
            self.pending?.request = pending.request
            return false
        }
        self.pending = nil
        do throws(StorageError) {
            try broker.flush()
        } catch {
            end(context, "what it asked for cannot be stored")
            return true
        }
        if pending.fault == .loseAnswer {
            end(context, "a fault that was asked for")
        } else if pending.request.isAnswered {
            send(writer.buffer, context)
        } else {
            isBusy = false
        }
        return true
    }

    private func refuseApiVersions(_ correlation: Int32, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 256)
        buffer.writeInteger(0 as Int32)
        buffer.writeInteger(correlation)
        var writer = WireWriter(buffer, isFlexible: false)
        ApiVersionsRequest.write(.unsupportedVersion, 0, into: &writer)
        isBusy = true
        send(writer.buffer, context)
    }

    private func send(_ response: ByteBuffer, _ context: ChannelHandlerContext) {
        var response = response
        response.setInteger(Int32(clamping: response.readableBytes - 4), at: response.readerIndex)
        context.writeAndFlush(wrapOutboundOut(response)).assumeIsolated().whenComplete { _ in
            self.isBusy = false
            self.serve(context)
        }
    }
}

/// Why a request ends its connection.
enum RequestFailure: Error, CustomStringConvertible {
    case unknownKind(Int16)
    case unknownVersion(Int16, String)
    case unreadable(WireError, String)

    var description: String {
        switch self {
        case .unknownKind(let key): "a request of kind \(key), which is not answered here"
        case .unknownVersion(let version, let kind): "version \(version) of \(kind) is not answered here"
        case .unreadable(let error, let kind): "a \(kind) that cannot be read: \(error)"
        }
    }
}
