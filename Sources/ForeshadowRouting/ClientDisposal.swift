internal import Foundation
internal import Kafka

/// Ends clients of topics that may have been deleted.
///
/// librdkafka 2.0.2 sometimes does not return from destroying a consumer that was reading a topic when it was deleted. So
/// nobody waits for it; what is left behind then is one idle client.
enum ClientDisposal {
    /// Closes a consumer that nobody uses any more.
    static func close(_ consumer: sending Consumer) {
        // The caller gave it away, and only the new thread has it from here on.
        nonisolated(unsafe) let closing = consumer
        Thread.detachNewThread { closing.close() }
    }
}
