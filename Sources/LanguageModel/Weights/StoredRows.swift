import CSIMD
import Synchronization

/// A matrix's rows as a file stores them, half or quantised, turned into floats where they are needed.
///
/// The rows may come from several tensors, one above the other. Reading stored rows costs a tenth of the memory that
/// floats would, and mostly less time, for memory is slower than the arithmetic of turning them.
final class StoredRows: Sendable {
    /// Rows of one tensor.
    struct Run: Sendable {
        let type: GGUFTensorType
        /// What the bytes belong to.
        let owner: FileMapping
        /// Where the first row begins.
        let offset: Int
        let rows: Int
    }

    let columns: Int
    let rows: Int
    private let runs: [(first: Int, run: Run)]
    private let floats = Mutex<FloatStorage?>(nil)

    /// - Precondition: rows consist of whole blocks, and all lie within their owners.
    init(_ runs: [Run], columns: Int) {
        var first = 0
        var placed: [(Int, Run)] = []
        for run in runs {
            precondition(columns % Int(run.type.blockLength) == 0)
            precondition(run.offset + run.rows * run.type.rowBytes(columns: columns) <= run.owner.bytes.count)
            placed.append((first, run))
            first += run.rows
        }
        self.runs = placed
        self.columns = columns
        rows = first
    }

    /// Bytes of the rows as they are stored.
    var byteCount: Int { runs.reduce(0) { $0 + $1.run.rows * $1.run.type.rowBytes(columns: columns) } }

    /// Whether any 32 neighbouring values of a row, at a multiple of 32, can be read by themselves.
    var hasShortBlocks: Bool { runs.allSatisfy { $0.run.type.blockLength <= 32 } }

    /// Gives back the memory of the files that the rows are in.
    func letGo() { for (_, run) in runs { run.owner.letGo() } }

    /// Whether gradients go through floats that are made of them: where there are no tiles, or none that read parts of
    /// such rows.
    var isReadAsFloats: Bool { TileProduct.tiles == nil || !hasShortBlocks }

    /// Writes rows as floats, densely.
    func write(_ range: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        forEachRun(range) { type, source, place, count in
            let blocks = columns / Int(type.blockLength) * count
            type.dequantize(source, to: out + place * columns, blocks: blocks)
        }
    }

    /// Writes the columns of some rows; `columns` begins and ends at multiples of the block's length.
    func write(_ range: Range<Int>, columns part: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        forEachRun(range) { type, source, place, count in
            let length = Int(type.blockLength)
            let rowBytes = type.rowBytes(columns: columns)
            let skipped = part.lowerBound / length * Int(type.blockBytes)
            for row in 0..<count {
                type.dequantize(
                    source + row * rowBytes + skipped, to: out + (place + row) * part.count,
                    blocks: part.count / length)
            }
        }
    }

    /// Where the blocks of some rows begin, at a column that is a multiple of 32, if they are of one tensor and of a format
    /// that tiles are packed from directly; else nil.
    func blocks(_ range: Range<Int>, column: Int) -> (type: simd_block, start: UnsafeRawPointer, rowBytes: Int)? {
        for (first, run) in runs where range.lowerBound >= first && range.upperBound <= first + run.rows {
            let type: simd_block
            switch run.type {
            case .q4_0: type = SIMD_Q4_0
            case .q4_1: type = SIMD_Q4_1
            case .q8_0: type = SIMD_Q8_0
            default: return nil
            }
            let rowBytes = run.type.rowBytes(columns: columns)
            let start =
                run.offset + (range.lowerBound - first) * rowBytes
                + column / Int(run.type.blockLength) * Int(run.type.blockBytes)
            return run.owner.bytes.baseAddress.map { (type, $0 + start, rowBytes) }
        }
        return nil
    }

    /// Whether `dot` knows all of the rows' formats.
    var hasDotProducts: Bool { runs.allSatisfy { [.q4_0, .q4_1, .q8_0].contains($0.run.type) } }

    /// out[i] = x · row i of the range, or added to it, without making floats of the rows first.
    /// - Parameter sums: of each 32 values of x.
    func dot(
        _ range: Range<Int>, _ x: UnsafePointer<Float>, sums: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        let kernels = Kernels.best
        let blocks = columns / 32
        forEachRun(range) { type, source, place, count in
            let product =
                switch type {
                case .q4_0: kernels.dot_q4_0
                case .q4_1: kernels.dot_q4_1
                default: kernels.dot_q8_0
                }
            product(x, sums, source, type.rowBytes(columns: columns), out + place, count, blocks, adding ? 1 : 0)
        }
    }

    /// Calls `body(type, first byte, place in the range, rows)` for each tensor's share of the range.
    private func forEachRun(_ range: Range<Int>, _ body: (GGUFTensorType, UnsafeRawPointer, Int, Int) -> Void) {
        for (first, run) in runs {
            let common = range.clamped(to: first..<first + run.rows)
            guard !common.isEmpty, let base = run.owner.bytes.baseAddress else { continue }
            let start = run.offset + (common.lowerBound - first) * run.type.rowBytes(columns: columns)
            body(run.type, base + start, common.lowerBound - range.lowerBound, common.count)
        }
    }

    /// All rows as floats: made when first asked for, then kept.
    func allFloats() -> FloatStorage {
        floats.withLock { floats in
            if let floats { return floats }
            let storage = FloatStorage(count: rows * columns)
            Parallel.ranges(of: rows, atLeast: max(1, 65536 / columns)) { range in
                write(range, to: storage.base + range.lowerBound * columns)
            }
            floats = storage
            return storage
        }
    }
}

extension GGUFTensorType {
    /// Bytes of a row; `columns` is a multiple of the block's length.
    func rowBytes(columns: Int) -> Int { columns / Int(blockLength) * Int(blockBytes) }
}
