internal import Affinity
internal import Contracts
internal import Streams

/// How good the forecasts were, put out when a window closes.
extension UpdaterProcessor {
    /// Puts out how good the forecasts were that were scored since the last time, if any were.
    ///
    /// Due when event time leaves a window, and before the model is switched.
    mutating func putQuality(_ outputs: inout Outputs) {
        guard let quality = engine.takeQuality(source: place.number, model: Self.name(modelLabel)) else {
            return
        }
        var writer = JSONWriter()
        quality.encode(into: &writer)
        let key = String(place.number)
        outputs.append(
            topic: Self.quality, partition: 0, key: key.utf8Span.span.bytes, value: writer.bytes.span.bytes)
    }
}
