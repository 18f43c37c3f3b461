package import Contracts

/// For training: what the network would be told of an access.
extension AffinityEngine {
    /// The shape of the networks that engines over these names take.
    package static func shape(of names: Model.Names) -> NetworkShape {
        NetworkShape(
            partitions: names.partitions.count, experts: Expert.rows - 1, regions: names.regions.count,
            domains: names.domains.count, kinds: names.kinds.count, denseInputs: NetworkInputs.dense,
            features: NetworkInputs.features, timeFeatures: NetworkInputs.timeFeatures)
    }

    /// Fills in what a network is told before and with an access that is about to be observed: `inputs`, and the
    /// experts' rows, `Expert.rows` of them, as far apart as the network's shape says.
    ///
    /// What the network is told before a customer's first access is of no use, and left as it was. Ask `nextDue`
    /// with the access's time before.
    package mutating func describe(
        customer key: RawSpan, _ access: Access, _ inputs: inout NetworkInputs, experts: inout [Float]
    ) {
        let time = EventClock.clamp(access.time)
        reach(time)
        guard let place = table.find(key, hash: ByteHash.hash(key)) else {
            var customer = Customer()
            customer.home = access.partition
            customer.last = access.partition
            inputs.setStep(customer, access.partition, at: time, gap: 0, population)
            return
        }
        let customer = customers[place]
        forecast(place, customer, at: time)
        let rows = scratch.take()
        inputs.setForecast(customer, rows, at: time)
        for i in 0..<Expert.rows * rows.stride { experts[i] = rows.base[i] }
        let isOrderly = customer.accesses > 0 && time >= customer.lastTime
        let gap = isOrderly ? time - customer.lastTime : 0
        inputs.setStep(customer, access.partition, at: time, gap: gap, population)
    }

    /// Gives a customer a state that the model's network has come to elsewhere, `hidden` units.
    package mutating func setState(customer key: RawSpan, _ state: [Float]) {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return }
        recurrence?.restore(place, state)
    }
}
