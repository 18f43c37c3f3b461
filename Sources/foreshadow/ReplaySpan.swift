import ArgumentParser
import Contracts

/// A moment of publishing, as epoch milliseconds or RFC 3339.
struct ReplayMoment: ExpressibleByArgument, Equatable {
    var milliseconds: Int64

    init?(argument: String) {
        if let number = Int64(argument) {
            guard number >= 0 else { return nil }
            milliseconds = number
        } else if let time = RFC3339.instant(argument.utf8Span.span.bytes) {
            milliseconds = time
        } else {
            return nil
        }
    }
}

/// Offsets of topic partitions of `interactions`: `0:100..200,3:50..`; the end is exclusive.
struct ReplayOffsets: ExpressibleByArgument, Equatable {
    struct Span: Equatable {
        /// Nil: the oldest record.
        var start: Int64?
        /// Nil: the present end.
        var end: Int64?
    }

    var spans: [Int32: Span]

    init?(argument: String) {
        spans = [:]
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let colon = part.firstIndex(of: ":"), let number = Int32(part[..<colon]), number >= 0,
                spans[number] == nil, let span = Span(part[part.index(after: colon)...])
            else { return nil }
            spans[number] = span
        }
    }

    /// Of several options as of one; nil if two name the same topic partition.
    static func merged(_ all: [ReplayOffsets]) -> [Int32: Span]? {
        var result: [Int32: Span] = [:]
        for (number, span) in all.flatMap(\.spans) {
            if result.updateValue(span, forKey: number) != nil { return nil }
        }
        return result
    }
}

extension ReplayOffsets.Span {
    fileprivate init?(_ text: Substring) {
        guard let dots = text.firstRange(of: "..") else { return nil }
        let (first, last) = (text[..<dots.lowerBound], text[dots.upperBound...])
        start = first.isEmpty ? nil : Int64(first)
        end = last.isEmpty ? nil : Int64(last)
        if (start == nil) != first.isEmpty || (end == nil) != last.isEmpty { return nil }
        if start ?? 0 < 0 || end ?? .max < start ?? 0 { return nil }
    }

    /// The part of what is kept that is meant.
    func range(in kept: Range<Int64>) -> Range<Int64> {
        let upper = min(max(end ?? kept.upperBound, kept.lowerBound), kept.upperBound)
        return min(max(start ?? kept.lowerBound, kept.lowerBound), upper)..<upper
    }
}
