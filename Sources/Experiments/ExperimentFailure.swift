/// Why an experiment, or a decision about its shares, cannot be used.
public enum ExperimentFailure: Error, Equatable, CustomStringConvertible {
    /// The named number is outside what is allowed. Choose one inside.
    case outOfRange(String, String)
    /// A name has no bytes or more than 100. Choose another.
    case nameLength(String)
    /// Two variants, cells or guards have that name. Rename one or leave it out.
    case twice(String)
    /// There are fewer than 2 variants, or more than 16. One is always the control.
    case variantCount(Int)
    /// A variant's share is not 0 to 1,000 thousandths, or the control's is 0. Choose another.
    case share(String, milli: Int64)
    /// The shares sum to that, not to 1,000 thousandths. Correct them.
    case sharesSum(milli: Int64)
    /// There are as many shares as that, not one for each variant. Name them all.
    case shareCount(Int)
    /// A switchback has no cells, or more than 1,000.
    case cellCount(Int)
    /// What switches by time cannot follow the evidence too. Leave one out.
    case switchbackWithBandit
    /// Shares were decided for an experiment whose shares are fixed. Configure a bandit.
    case sharesFixed
    /// Shares were decided for a window that is not after the one decided last. The older decision stays.
    case windowNotAfter(Int64)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let allowed): "\(name) must be \(allowed)"
        case .nameLength(let name): "the name \"\(name)\" must have 1 to 100 bytes"
        case .twice(let name): "\(name) is there twice"
        case .variantCount(let count): "2 to 16 variants can be compared, not \(count)"
        case .share(let name, let milli): "\(name) cannot have a share of \(milli) thousandths"
        case .sharesSum(let milli): "the shares sum to \(milli) thousandths, not to 1000"
        case .shareCount(let count): "\(count) shares are not one for each variant"
        case .cellCount(let count): "1 to 1000 cells can switch, not \(count)"
        case .switchbackWithBandit: "an experiment is a switchback or a bandit, not both"
        case .sharesFixed: "the shares of an experiment without a bandit are fixed"
        case .windowNotAfter(let window): "shares are already decided for window \(window) or a later one"
        }
    }
}
