/// A small immutable hash table from text to its place in a list, looked up by bytes without allocating.
struct TextIndex: Sendable, Equatable {
    private let slots: [UInt16]  // place + 1; 0 is empty
    private let texts: [[UInt8]]
    private let mask: Int

    init(_ names: [String]) {
        var size = 8
        while size < names.count * 4 { size *= 2 }
        mask = size - 1
        texts = names.map { Array($0.utf8) }
        var slots = [UInt16](repeating: 0, count: size)
        for (place, text) in texts.enumerated() {
            var at = Int(truncatingIfNeeded: ByteHash.hash(text.span.bytes)) & mask
            while slots[at] != 0 { at = (at + 1) & mask }
            slots[at] = UInt16(place + 1)
        }
        self.slots = slots
    }

    func find(_ text: RawSpan) -> PartitionIndex? {
        var at = Int(truncatingIfNeeded: ByteHash.hash(text)) & mask
        while slots[at] != 0 {
            let place = Int(slots[at]) - 1
            if matches(texts[place], text) { return PartitionIndex(place) }
            at = (at + 1) & mask
        }
        return nil
    }

    /// Finds `region` + "/" + `domain` without joining them.
    func find(_ region: RawSpan, slash domain: RawSpan) -> PartitionIndex? {
        var hash = ByteHash.seed
        ByteHash.add(region, to: &hash)
        ByteHash.add(0x2F, to: &hash)
        ByteHash.add(domain, to: &hash)
        var at = Int(truncatingIfNeeded: ByteHash.finish(hash)) & mask
        while slots[at] != 0 {
            let place = Int(slots[at]) - 1
            if matches(texts[place], region, domain) { return PartitionIndex(place) }
            at = (at + 1) & mask
        }
        return nil
    }

    private func matches(_ text: [UInt8], _ other: RawSpan) -> Bool {
        guard text.count == other.byteCount else { return false }
        for i in 0..<text.count where text[i] != other.unsafeLoad(fromByteOffset: i, as: UInt8.self) {
            return false
        }
        return true
    }

    private func matches(_ text: [UInt8], _ region: RawSpan, _ domain: RawSpan) -> Bool {
        let cut = region.byteCount
        guard text.count == cut + 1 + domain.byteCount, text[cut] == 0x2F else { return false }
        for i in 0..<cut where text[i] != region.unsafeLoad(fromByteOffset: i, as: UInt8.self) {
            return false
        }
        for i in 0..<domain.byteCount
        where text[cut + 1 + i] != domain.unsafeLoad(fromByteOffset: i, as: UInt8.self) { return false }
        return true
    }
}
