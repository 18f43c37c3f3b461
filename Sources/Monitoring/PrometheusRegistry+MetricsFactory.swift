public import Metrics

/// As the backend of swift-metrics: `MetricsSystem.bootstrap(registry)`, or the `factory` of a handle.
extension PrometheusRegistry: MetricsFactory {
    /// A counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    /// A counter of amounts that need not be whole.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// A histogram if it aggregates, else a gauge.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, .none) : gauge(label, dimensions)
    }

    /// A histogram of seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, .seconds)
    }

    /// Ends its series.
    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    /// Ends its series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    /// Ends its series.
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    /// Ends its series.
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    /// Ends its series.
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        switch handler {
        case let series as CounterSeries: remove(series.key, series)
        case let series as GaugeSeries: remove(series.key, series)
        case let series as HistogramSeries: remove(series.key, series)
        default: break  // another backend's
        }
    }
}
