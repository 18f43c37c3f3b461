/// A matrix or vector among a network's weights.
public struct NetworkTensor: Sendable, Equatable {
    /// Its name in files.
    public let name: String
    /// Rows; nil for a vector, which is kept as one row.
    public let rows: Int?
    /// Elements of a row.
    public let columns: Int
    /// Where its first element is.
    public let offset: Int

    /// Distance between rows: `columns` rounded up to a multiple of 8. What lies between is zero and stays so.
    public var stride: Int { NetworkShape.padded(columns) }
    /// Its shape in files: rows, if it has any, and columns.
    public var shape: [Int] { rows.map { [$0, columns] } ?? [columns] }
    /// Elements from `offset` on that are this tensor's, with what lies between rows.
    public var extent: Int { (rows ?? 1) * stride }
}

/// Where each tensor lies in the flat array of a network's weights. All offsets are multiples of 8.
///
/// Matrices are by input: row i holds the weights of input i to all outputs, so that a product adds up rows.
/// With H hidden units, Q head units, K partitions, and a head's E experts and F features:
///
/// | tensor | shape | |
/// |---|---|---|
/// | `cell.partition`, `.region`, `.domain`, `.kind` | symbols x 3H | reset, update and candidate gate |
/// | `cell.dense` | dense inputs x 3H | the same |
/// | `cell.hidden` | H x 3H | the same, from the state before |
/// | `cell.bias` | 3H | the same |
/// | `cell.candidate_bias` | H | of the state's part in the candidate, within the reset gate |
/// | `HEAD.hidden`, `HEAD.features` | H x Q, F x Q | |
/// | `HEAD.bias` | Q | |
/// | `HEAD.output`, `HEAD.output_bias` | Q x K, K | |
/// | `HEAD.gate`, `HEAD.gate_bias` | Q x E, E | |
///
/// where `HEAD` is `next`, `next_at_time` and `share`, in this order.
public struct NetworkLayout: Sendable {
    /// Where the tensors of the recurrent cell begin.
    package struct Cell: Sendable {
        package var symbols = SIMD4<Int>()
        package var dense = 0
        package var hidden = 0
        package var bias = 0
        package var candidateBias = 0
    }

    /// Where the tensors of a head begin, and how much it is given.
    package struct Head: Sendable {
        package var features: Int
        package var experts: Int
        package var hiddenWeights = 0
        package var featureWeights = 0
        package var bias = 0
        package var output = 0
        package var outputBias = 0
        package var gate = 0
        package var gateBias = 0
        /// The distance between rows over experts.
        package var expertStride: Int { NetworkShape.padded(experts) }
    }

    /// What the layout is of.
    public let shape: NetworkShape
    /// All tensors, in the order of their offsets.
    public private(set) var tensors: [NetworkTensor] = []
    /// Length of the flat array.
    public private(set) var count = 0
    package private(set) var cell = Cell()
    package private(set) var next: Head
    package private(set) var nextAtTime: Head
    package private(set) var share: Head

    /// The layout of a valid shape.
    public init(_ shape: NetworkShape) {
        self.shape = shape
        let heads = NetworkHead.allCases.map {
            Head(features: shape.features(of: $0), experts: shape.experts(of: $0))
        }
        next = heads[0]
        nextAtTime = heads[1]
        share = heads[2]
        placeCell()
        place(.next, \.next)
        place(.nextAtTime, \.nextAtTime)
        place(.share, \.share)
    }

    /// Where the tensors of `head` begin.
    @inline(__always)
    package func head(_ head: NetworkHead) -> Head {
        switch head {
        case .next: next
        case .nextAtTime: nextAtTime
        case .share: share
        }
    }

    private mutating func placeCell() {
        let gates = 3 * shape.hidden
        for (i, name) in ["partition", "region", "domain", "kind"].enumerated() {
            cell.symbols[i] = add("cell.\(name)", Int(shape.symbols[i]), gates)
        }
        cell.dense = add("cell.dense", shape.denseInputs, gates)
        cell.hidden = add("cell.hidden", shape.hidden, gates)
        cell.bias = add("cell.bias", nil, gates)
        cell.candidateBias = add("cell.candidate_bias", nil, shape.hidden)
    }

    private mutating func place(_ head: NetworkHead, _ path: WritableKeyPath<NetworkLayout, Head>) {
        let name = head.name
        var at = self[keyPath: path]
        at.hiddenWeights = add("\(name).hidden", shape.hidden, shape.headUnits)
        at.featureWeights = add("\(name).features", at.features, shape.headUnits)
        at.bias = add("\(name).bias", nil, shape.headUnits)
        at.output = add("\(name).output", shape.headUnits, shape.partitions)
        at.outputBias = add("\(name).output_bias", nil, shape.partitions)
        at.gate = add("\(name).gate", shape.headUnits, at.experts)
        at.gateBias = add("\(name).gate_bias", nil, at.experts)
        self[keyPath: path] = at
    }

    /// Puts a tensor behind the others and returns where it begins.
    private mutating func add(_ name: String, _ rows: Int?, _ columns: Int) -> Int {
        let tensor = NetworkTensor(name: name, rows: rows, columns: columns, offset: count)
        tensors.append(tensor)
        count += tensor.extent
        return tensor.offset
    }
}
