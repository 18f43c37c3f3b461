internal import Contracts
internal import ForeshadowRouting
internal import Kafka

/// Takes the records of all topics the service follows.
final class RecordFeed: Sendable {
    private let table: RoutingTable
    private let records: RoutingRecords
    private let live: LiveState
    private let hub: EventHub
    private let names: PartitionNames

    init(_ table: RoutingTable, _ live: LiveState, _ hub: EventHub) {
        self.table = table
        self.live = live
        self.hub = hub
        records = RoutingRecords(table)
        names = PartitionNames(table.partitions)
    }

    /// Takes a record of the topic of that number: those of routing, then alerts.
    func apply(_ number: Int, _ record: borrowing Record) {
        guard let source = RoutingRecords.Source(rawValue: number) else { return alert(record) }
        records.apply(source, record)
        switch source {
        case .vectors, .profiles: break
        case .commands: command(record)
        case .telemetry: if let telemetry = try? records.telemetry(record) { live.apply(telemetry) }
        }
    }

    private func command(_ record: borrowing Record) {
        guard let command = try? records.command(record), live.apply(command) else { return }
        var writer = JSONWriter()
        command.encode(names: names, into: &writer)
        hub.send("command", writer.bytes)
    }

    private func alert(_ record: borrowing Record) {
        guard let value = record.value, let alert = try? Alert(decoding: value) else { return }
        live.apply(alert)
        var writer = JSONWriter()
        alert.encode(into: &writer)
        hub.send("alert", writer.bytes)
    }
}
