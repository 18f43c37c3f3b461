public import Contracts

// `mutating` where nothing changes, so that the engine is not copied to be read: see the forecast's part.

/// How good the forecasts of `next` were.
///
/// Accesses are scored in the window that the engine is in when they come, late ones too. Ask before anything else is
/// told of a later time:
///
///     if engine.isQualityDue(at: access.time), let quality = engine.takeQuality(source: 3, model: "mixture-2") {
///         publish(quality)
///     }
///     while engine.nextDue(at: access.time, into: &change) { ... }
///
/// What nobody asked for when a window ends is dropped.
extension AffinityEngine {
    /// Whether the current window has ended when event time has reached `time`, and accesses were scored in it.
    public mutating func isQualityDue(at time: EventTime) -> Bool {
        quality.accesses > 0 && EventClock.clamp(time) >= windowEnd
    }

    /// How good the forecasts were on the accesses scored since the last call in the current window; nil if there
    /// were none. They count once.
    ///
    /// To be called when `isQualityDue` says so, and before the model is switched, so that no record is about two.
    /// (Forecasts of customers who were not accessed since a switch are still the older model's.)
    public mutating func takeQuality(source: Int32, model: String) -> ModelQuality? {
        if quality.accesses == 0 { return nil }
        let result = quality.quality(
            source: source, model: model, partitions: partitions,
            window: windowEnd - configuration.windowMillis..<windowEnd)
        quality = QualitySums()
        return result
    }
}
