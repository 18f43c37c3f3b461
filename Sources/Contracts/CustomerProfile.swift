/// What `customers` carries: where a customer's data is by geography.
public struct CustomerProfile: Sendable, Equatable {
    /// The customer's static partition.
    public var home: PartitionIndex

    /// Makes a profile.
    public init(home: PartitionIndex) {
        self.home = home
    }

    /// Reads the value of a `customers` record: `home`, and `customer`, which must be the key if it is there.
    ///
    /// The key must be what `InteractionLimits` accepts by default.
    public init(decoding value: RawSpan, key: RawSpan, partitions: PartitionMap) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        try Self.check(key)
        let object = try JSONObjectView(document: value)
        if !object.token("customer").isAbsent {
            let customer = try object.bytes("customer")
            guard customer.span.bytes.equals(key) else {
                throw Rejection(.keyMismatch, "the record's key is not the customer")
            }
        }
        home = try object.partition("home", in: partitions)
    }

    private static func check(_ key: RawSpan) throws(Rejection) {
        guard key.byteCount > 0 else { throw Rejection(.emptyKey, "the record has no key") }
        let maximum = InteractionLimits().maximumCustomerBytes
        guard key.byteCount <= maximum else {
            throw Rejection(
                .invalidField, "the key has \(key.byteCount) bytes; at most \(maximum) are accepted")
        }
        do throws(JSONFailure) { try UTF8Check.check(key) } catch {
            throw Rejection(.invalidUTF8, "the key is not UTF-8 at its byte \(error.offset)")
        }
        try CustomerCheck.checkReserved(key)
    }
}
