internal import CRdkafka

extension Producer {
    /// Sends one record with headers; rare, so it may allocate. Answers 0 if there was no room before the deadline.
    func sendWithHeaders(
        _ buffer: borrowing RecordBuffer, _ index: Int, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> Int {
        let entry = buffer.entries[index]
        let name = buffer.topics[Int(entry.topic)]
        guard let topic = try topic(of: buffer, index..<index + 1, until: deadline) else { return 1 }
        let number = begin(index..<index + 1)
        let list = buffer.headers[Int(entry.headers)]
        while true {
            let native = makeHeaders(list)
            let code = buffer.arena.withUnsafeBytes { arena in produce(topic, entry, arena, native, number) }
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { return 1 }
            // librdkafka owns the headers only after success.
            rd_kafka_headers_destroy(native)
            if code != RD_KAFKA_RESP_ERR__QUEUE_FULL {
                let error = KafkaError(code, doing: "produce to \(name)")
                guard let number, let deliveries else { throw error }
                deliveries.note(error, of: number)
                return 1
            }
            if ContinuousClock.now >= deadline { return 0 }
            _ = rd_kafka_poll(handle.native, 50)
        }
    }

    private func makeHeaders(_ list: [Header]) -> OpaquePointer? {
        let native = rd_kafka_headers_new(list.count)
        for header in list {
            if let value = header.value {
                _ = value.withUnsafeBytes {
                    rd_kafka_header_add(native, header.name, -1, $0.baseAddress, $0.count)
                }
            } else {
                _ = rd_kafka_header_add(native, header.name, -1, nil, 0)
            }
        }
        return native
    }

    private func produce(
        _ topic: OpaquePointer, _ entry: RecordBuffer.Entry, _ arena: UnsafeRawBufferPointer,
        _ headers: OpaquePointer?, _ number: Int?
    ) -> rd_kafka_resp_err_t {
        var arguments = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 7)
        var used = 0
        func add(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_t) -> Void) {
            arguments[used].vtype = type
            set(&arguments[used])
            used += 1
        }
        let start = arena.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + entry.start) }
        add(RD_KAFKA_VTYPE_RKT) { $0.u.rkt = topic }
        add(RD_KAFKA_VTYPE_PARTITION) { $0.u.i32 = entry.partition }
        add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = Int32(RD_KAFKA_MSG_F_COPY) }
        if entry.keyCount >= 0 {
            add(RD_KAFKA_VTYPE_KEY) { $0.u.mem = .init(ptr: start, size: Int(entry.keyCount)) }
        }
        if entry.valueCount >= 0 {
            let value = start.map { $0 + Int(max(0, entry.keyCount)) }
            add(RD_KAFKA_VTYPE_VALUE) { $0.u.mem = .init(ptr: value, size: Int(entry.valueCount)) }
        }
        if let number { add(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = DeliveryLog.tag(number) } }
        add(RD_KAFKA_VTYPE_HEADERS) { $0.u.headers = headers }
        guard let error = rd_kafka_produceva(handle.native, &arguments, used) else {
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
        defer { rd_kafka_error_destroy(error) }
        return rd_kafka_error_code(error)
    }
}
