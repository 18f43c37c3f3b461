import Foundation
import UnixSignals

/// The signals that end a service gracefully.
enum StopSignals {
    /// SIGTERM, SIGINT, and SIGHUP, which comes when the terminal is closed. A process that was started to ignore that,
    /// as by nohup, goes on ignoring it.
    static var all: [UnixSignal] { ignoresHangUp ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup] }

    private static var ignoresHangUp: Bool {
        (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)).map(ignoresHangUp) ?? false
    }

    /// Whether a process with this status, as Linux writes it, ignores SIGHUP: bit 0 of the mask `SigIgn`.
    static func ignoresHangUp(_ status: String) -> Bool {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigIgn:") }),
            let mask = line.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt64($0, radix: 16) })
        else { return false }
        return mask & 1 != 0
    }
}
