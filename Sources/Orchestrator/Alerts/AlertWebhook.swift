internal import Alerting
internal import Contracts
internal import Logging
internal import ServiceLifecycle

/// Sends alerts to where people are told of them: an address that takes what Alertmanager's `POST /api/v2/alerts` takes.
///
/// Changes go out within a second, and all that fire again and again, since Alertmanager takes what it does not hear of
/// for resolved. Every instance sends; Alertmanager knows an alert by its labels. What cannot be sent is tried again.
actor AlertWebhook {
    private let request: OutgoingRequest
    private let live: LiveState
    private let repeatSeconds: Int
    private let logger: Logger
    private var sent: [String: Alert] = [:]
    private var sinceAll = 0
    private var failures = 0

    init(url: String, repeatSeconds: Int, _ live: LiveState, _ logger: Logger) throws {
        request = try OutgoingRequest(url)
        self.live = live
        self.repeatSeconds = repeatSeconds
        self.logger = logger
    }

    /// Sends until the task is cancelled.
    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.step()
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// What is due: of alerts that were never heard of, only those that fire.
    func due() -> [Alert] {
        let alerts = live.alerts
        if sinceAll >= repeatSeconds {
            return alerts.filter { $0.state == .firing || sent[$0.rule] != $0 && sent[$0.rule] != nil }
        }
        return alerts.filter { alert in
            guard let known = sent[alert.rule] else { return alert.state == .firing }
            return known != alert
        }
    }

    func step() async {
        sinceAll += 1
        let alerts = due()
        if alerts.isEmpty { return }
        var writer = JSONWriter()
        AlertmanagerPayload.encode(alerts, into: &writer)
        do {
            let answer = try await request.send("POST", json: writer.bytes)
            guard (200..<300).contains(answer.status) else { throw Refused(status: answer.status) }
            for alert in alerts { sent[alert.rule] = alert }
            if sinceAll >= repeatSeconds { sinceAll = 0 }
            failures = 0
        } catch {
            failures += 1
            // The first, then every minute.
            if failures % 60 == 1 { logger.warning("\(alerts.count) alerts wait for the webhook: \(error)") }
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        var status: Int
        var description: String { "it answered \(status)" }
    }
}
