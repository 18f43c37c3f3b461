extension GroundTruth {
    /// Appends the truth as one compact JSON object, with the times at which pairs cross the thresholds.
    ///
    /// `{"seed","start","end","pairs":[{"home","target","customers","onset"?,"launchMilli","movers",
    /// "arrivals","finalShareMilli","crossings":[{"thresholdMilli","time"?}]}]}`; times in epoch
    /// milliseconds, and the seed as text, since it may exceed what JSON readers keep exactly.
    public func encode(thresholdsMilli: [Int64], into out: inout [UInt8]) {
        var object = JSONObjectText(&out)
        object.add("seed", String(seed), to: &out)
        object.add("start", start, to: &out)
        object.add("end", end, to: &out)
        object.add("pairs", pairs, to: &out) { $0.encode(thresholdsMilli: thresholdsMilli, into: &$1) }
        object.end(&out)
    }
}

extension GroundTruth.Pair {
    fileprivate func encode(thresholdsMilli: [Int64], into out: inout [UInt8]) {
        var object = JSONObjectText(&out)
        object.add("home", home, to: &out)
        object.add("target", target, to: &out)
        object.add("customers", customers, to: &out)
        if let onset { object.add("onset", onset, to: &out) }
        object.add("launchMilli", launchMilli, to: &out)
        object.add("movers", movers, to: &out)
        object.add("arrivals", Int64(arrivals.count), to: &out)
        object.add("finalShareMilli", finalShareMilli, to: &out)
        object.add("crossings", thresholdsMilli, to: &out) { threshold, out in
            var crossing = JSONObjectText(&out)
            crossing.add("thresholdMilli", threshold, to: &out)
            if let time = self.crossing(ofMilli: threshold) { crossing.add("time", time, to: &out) }
            crossing.end(&out)
        }
        object.end(&out)
    }
}
