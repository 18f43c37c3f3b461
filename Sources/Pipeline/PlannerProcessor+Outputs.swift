internal import Contracts
internal import Kafka
internal import Streams
internal import Trends

/// What the planner puts out.
extension PlannerProcessor {
    /// Places among the stage's outputs. A dry run has the first two.
    static let commands = 0
    static let deadLetters = 1
    static let alertChanges = 2
    static let forecasts = 3

    /// Puts out what an event says, and what alerts it leads to.
    mutating func put(_ event: PlannerEvent, _ outputs: inout Outputs) {
        switch event {
        case .command(let command): put(command, &outputs)
        case .forecast(let forecast): put(forecast, &outputs)
        case .quiet, .telemetry, .entered, .windowEnd: break
        }
        for alert in alerts?.take(event) ?? [] { put(alert, &outputs) }
    }

    private mutating func put(_ command: ShadowCommand, _ outputs: inout Outputs) {
        counts.commands += 1
        writer.removeAll()
        command.encode(names: names, into: &writer)
        append(Self.commands, key: command.shadow(partitions), &outputs)
    }

    private mutating func put(_ forecast: PartitionForecast, _ outputs: inout Outputs) {
        if isDryRun { return }
        writer.removeAll()
        forecast.encode(names: names, into: &writer)
        append(Self.forecasts, key: forecast.key(partitions), &outputs)
    }

    private mutating func put(_ alert: Alert, _ outputs: inout Outputs) {
        counts.alerts += 1
        writer.removeAll()
        alert.encode(into: &writer)
        append(Self.alertChanges, key: alert.rule, &outputs)
    }

    private func append(_ topic: Int, key: String, _ outputs: inout Outputs) {
        outputs.append(
            topic: topic, partition: 0, key: key.utf8Span.span.bytes, value: writer.bytes.span.bytes)
    }

    /// Sends a record that could not be used to the dead letters.
    mutating func reject(
        _ record: borrowing Record, _ rejection: Rejection, _ input: Int, _ origin: OrderOrigin?,
        _ outputs: inout Outputs
    ) {
        counts.deadLetters += 1
        // What has no time that can be read counts where the telemetry is, as orders do.
        alerts?.countDeadLetter(input == Self.trends ? .min : planner.telemetryOpenEnd)
        if let origin {
            outputs.append(
                topic: Self.deadLetters, partition: -1, key: record.key, value: record.value,
                headers: record.deadLetterHeaders(
                    rejection, topic: TopicName.shadowOrders, offset: origin.offset))
            return
        }
        let topic = input == Self.trends ? TopicName.partitionTrends : TopicName.partitionTelemetry
        outputs.append(
            topic: Self.deadLetters, partition: -1, key: record.key, value: record.value,
            headers: record.deadLetterHeaders(rejection, topic: topic, offset: record.offset))
    }

    mutating func put(_ refused: RefusedOrder, _ outputs: inout Outputs) {
        counts.deadLetters += 1
        // Those that are decided on in a window count into that.
        if refused.isUnheard { alerts?.countDeadLetter(planner.telemetryOpenEnd) }
        outputs.append(
            topic: Self.deadLetters, partition: -1, key: refused.record.key.span.bytes,
            value: refused.record.value.span.bytes, headers: refused.headers)
    }
}
