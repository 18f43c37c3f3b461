import Contracts

extension Model {
    /// What tells it from others of its name: 16 hexadecimal digits, the hash of the file that `encoded()` makes.
    /// It tells apart what was trained at different times; it proves nothing about where a file comes from.
    public var fingerprint: String {
        let digits = String(ByteHash.hash(encoded().span.bytes), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// What it is called wherever one of several models is meant: its name, `/`, its fingerprint.
    public var label: String { "\(origin.name)/\(fingerprint)" }
}
