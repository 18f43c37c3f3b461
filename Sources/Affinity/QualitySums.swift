import Contracts

/// How good the forecasts of `next` were in the current window, in sums of integers: so they are the same however
/// the accesses are cut into batches, and those of several engines can be added.
///
/// Each access is scored on the forecast that was kept of its customer, before anything is learned from it
/// (prequential: Dawid 1984, "Statistical theory: the prequential approach"). So nothing is held out, and nothing is
/// scored on what it has seen.
struct QualitySums {
    private struct Bin {
        var count: Int64 = 0
        /// Sum of the probabilities, in ten-thousandths.
        var confidence: Int64 = 0
        var hits: Int64 = 0

        @inline(__always)
        mutating func add(_ probability: Int64, isHit: Bool) {
            count += 1
            confidence += probability
            hits += isHit ? 1 : 0
        }
    }

    /// Sum of the log losses, in the units of `Forecasts`.
    private var loss: Int64 = 0
    /// How many accesses were where their customer's last one was.
    private var stays: Int64 = 0
    private var bins = [Bin](repeating: Bin(), count: ModelQuality.binCount)

    private static let confidenceOne = 10_000
    /// More accesses than this come in no window; sums of so many can still be scaled.
    private static let countLimit: Int64 = 1 << 40

    /// How many accesses were scored.
    private(set) var accesses: Int64 = 0

    /// Counts an access and how the forecast of it did.
    @inline(__always)
    mutating func count(_ score: Forecasts.Score, isStay: Bool) {
        accesses += 1
        loss += Int64(score.loss)
        stays += isStay ? 1 : 0
        let units = Int(score.topProbability * Float(Self.confidenceOne) + 0.5)
        let place = min(ModelQuality.binCount - 1, units * ModelQuality.binCount / Self.confidenceOne)
        bins[place].add(Int64(units), isHit: score.isTop)
    }

    /// What the sums come to. There must be an access.
    func quality(
        source: Int32, model: String, partitions: Int, window: Range<EventTime>
    ) -> ModelQuality {
        ModelQuality(
            source: source, windowStart: window.lowerBound, windowEnd: window.upperBound, model: model,
            accesses: accesses, logLossMicro: Self.micro(loss, accesses),
            baselineLogLossMicro: baselineLossMicro(partitions: partitions),
            calibration: bins.map { bin in
                let scale = 1_000_000 / Int64(Self.confidenceOne)
                let mean = bin.count == 0 ? 0 : (bin.confidence * scale + bin.count / 2) / bin.count
                return ModelQuality.Bin(count: bin.count, confidenceMicro: mean, hits: bin.hits)
            })
    }

    /// The mean log loss of giving one probability to staying and the rest in equal parts to all other partitions,
    /// with the probability that is best in hindsight: that of how many stayed. So it costs a count.
    private func baselineLossMicro(partitions: Int) -> Int64 {
        let stay = Float(stays) / Float(accesses)
        let leave = Float(accesses - stays) / Float(accesses)
        let others = Float(max(1, partitions - 1))
        let logs = FloatMath.log(SIMD8(stay, leave, others, 1, 1, 1, 1, 1))
        let loss = leave * (logs[2] - logs[1]) - stay * logs[0]
        return Int64((max(0, loss) * 1_000_000).rounded())
    }

    /// The mean of `count` losses in millionths of a nat, to the nearest.
    private static func micro(_ sum: Int64, _ count: Int64) -> Int64 {
        // 1,000,000 / 4,096 is 15,625 / 64. In two parts, because the whole product might not fit.
        let (whole, rest) = sum.quotientAndRemainder(dividingBy: count)
        return (whole * 15_625 + rest * 15_625 / count + 32) / 64
    }
}

/// As bytes.
extension QualitySums {
    func encode(into state: inout StateWriter) {
        state.write(loss)
        state.write(stays)
        for bin in bins {
            state.write(bin.count)
            state.write(bin.confidence)
            state.write(bin.hits)
        }
    }

    /// Reads what `encode` wrote.
    init(_ reader: inout StateReader) throws(StateFailure) {
        loss = try reader.read()
        stays = try reader.read(in: 0...Self.countLimit, "accesses")
        for i in bins.indices {
            let count = try reader.read(in: 0...Self.countLimit, "accesses")
            let most = count * Int64(Self.confidenceOne)
            bins[i].count = count
            bins[i].confidence = try reader.read(in: 0...most, "a sum of probabilities")
            bins[i].hits = try reader.read(in: 0...count, "hits")
            accesses += count
        }
        let most = accesses * Int64(UInt16.max)
        if !(0...most).contains(loss) { throw .outOfRange("a sum of losses") }
        if stays > accesses { throw .outOfRange("accesses that stayed") }
    }
}
