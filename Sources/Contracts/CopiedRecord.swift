/// The headers of a record that was copied from another topic, so that its place in this one is its order among
/// this one's records.
public enum CopiedRecord {
    /// Says which topic the record was copied from.
    public static let headerName = "foreshadow-copied-from"
    /// Says which offset it had there; the topic partition's number is the same.
    public static let offsetHeaderName = "foreshadow-copied-from-offset"
}
