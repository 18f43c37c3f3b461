/// Mixing experts by their past log loss, with a part of the weights dealt out anew at each step.
///
/// For log loss the Bayes mixture with learning rate 1 loses no more than the aggregating algorithm can
/// guarantee: log loss is 1-mixable (Vovk 1998, "A game of prediction with expert advice"). Dealing out
/// anew is fixed share (Herbster and Warmuth 1998, "Tracking the best expert"), here in proportion to a
/// prior q instead of evenly. Over T steps, with share a, the mixture's loss exceeds that of any sequence of
/// experts e1, e2, ... that changes m times by at most
///
///     ln 1/q(e1) + the sum over changes to e of ln 1/(a q(e)) + (T - 1 - m) ln 1/(1 - a)
///
/// so m = 0 is the bound against each single expert. Where q changes between steps, the bound holds with the
/// q of the step in which it was used.
///
/// `share` forecasts s, the discounted share of the coming accesses: s(k) = (1 - d) sum over j of d^j [the
/// access j steps ahead is in k]. The log loss of a forecast q against s, -sum over k of s(k) ln q(k), is the
/// same discounted sum of its losses -ln q on each coming access. Slow experts' forecasts hardly change over
/// that horizon, so scoring the present forecast on the present access stands for what the forecasts of the
/// last 1 / (1 - d) accesses would be charged now. Those losses overlap: each access is charged to all of
/// them, so it brings only a fraction of one independent piece of evidence. Hence a learning rate below 1 and
/// a smaller fixed share.
enum FixedShare {
    /// New weights of `next` after experts gave the access the probabilities `p`.
    @inline(__always)
    static func next(
        _ weights: SIMD16<Float>, _ p: SIMD16<Float>, share: Float, prior: SIMD16<Float>
    ) -> SIMD16<Float> {
        let posterior = weights * p
        return posterior * ((1 - share) / sum(posterior)) + prior * share
    }

    /// New weights of `share`, with learning rate 1 halved `halvings` times.
    @inline(__always)
    static func slow(
        _ weights: SIMD8<Float>, _ p: SIMD8<Float>, halvings: Int, share: Float, prior: SIMD8<Float>
    ) -> SIMD8<Float> {
        var gain = p
        for _ in 0..<halvings { gain = gain.squareRoot() }
        let posterior = weights * gain
        return posterior * ((1 - share) / sum(posterior)) + prior * share
    }

    /// The sum in an order that is the same on every machine.
    @inline(__always)
    static func sum(_ v: SIMD16<Float>) -> Float { sum(v.lowHalf + v.highHalf) }

    /// The sum in an order that is the same on every machine.
    @inline(__always)
    static func sum(_ v: SIMD8<Float>) -> Float { sum(v.lowHalf + v.highHalf) }

    /// The sum in an order that is the same on every machine.
    @inline(__always)
    static func sum(_ v: SIMD4<Float>) -> Float { (v[0] + v[2]) + (v[1] + v[3]) }
}
