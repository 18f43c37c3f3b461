internal import Logging
internal import SimulatedKafka

/// What the broker has on disk and in memory.
extension Broker {
    /// To be called before anybody is told anything: what they are told of must be stored. If that fails the
    /// broker is at its end, rather than lie.
    func flush() throws(StorageError) {
        guard let storage else { return }
        if let ending { return try ending.get() }
        do throws(StorageError) {
            try storage.flush(model)
        } catch {
            logger.critical("the broker ends, for it cannot store what it would have to promise: \(error)")
            end(.failure(error))
            throw error
        }
    }

    /// Ends when all is stored.
    func stop() throws(StorageError) {
        if let ending { return try ending.get() }
        setOnline(false)
        do throws(StorageError) {
            try flush()
            try storage?.close()
            end(.success(()))
        } catch {
            end(.failure(error))
            throw error
        }
    }

    /// Throws KAFKA_STORAGE_ERROR if there is no room for more records.
    func checkMemory() throws(ErrorCode) {
        let used = memory.total(model)
        if used < limits.memoryBytes { return }
        if model.now >= nextMemoryWarning {
            nextMemoryWarning = model.now + 10_000
            logger.error(
                """
                the logs take up \(used >> 20) MiB of memory, no more records are taken: give topics a smaller \
                retention.bytes or retention.ms, delete records or topics, or allow more than \
                \(limits.memoryBytes >> 20) MiB (--memory)
                """)
        }
        throw .storageError
    }
}
