import CSIMD
import Synchronization

/// Matrix products on the processor's tiles, where it has them (`tiles.c` of CSIMD).
///
/// One side, the one with fewer lines, each core packs whole for itself (rather than fetch it
/// from another core's cache) and holds in its cache; panels of the other are packed one by one and multiplied with all of it. A block of
/// the result is one core's work from beginning to end, so that results do not depend on the number of cores.
enum TileProduct {
    /// Nil where the processor has none, or `DISTNB_PLAIN=1` asks for plain products, which the tests compare with.
    static let tiles = Parallel.setting("DISTNB_PLAIN") == 1 ? nil : simd_tiles_best()?.pointee

    /// Lines in a panel.
    static let panel = 32
    /// Multiplications from which on tiles pay for being set up.
    private static let leastWork = 1 << 15

    /// The rows of the left side, or the columns of the right one.
    enum Side {
        /// `line` and `step` are the strides from line to line and along inner; one of them is 1.
        case floats(UnsafePointer<Float>, line: Int, step: Int)
        /// The lines are the matrix's rows, inner its columns.
        case rows(Matrix)
        /// The lines are the matrix's columns, inner its rows.
        case columns(Matrix)

        /// Packs up to 32 lines.
        func pack(
            _ lines: Range<Int>, inner: Range<Int>, right: Bool, scale: Float, _ tiles: simd_tiles,
            into panel: UnsafeMutableRawPointer,
            scratch: UnsafeMutablePointer<Float>
        ) {
            let side: Int32 = right ? 1 : 0
            switch self {
            case .floats(let pointer, let line, let step):
                tiles.pack(
                    pointer + lines.lowerBound * line + inner.lowerBound * step, line, step, lines.count, inner.count,
                    scale, side, panel)
            case .rows(let matrix):
                switch matrix.backing {
                case .floats(let storage, let offset):
                    tiles.pack(
                        storage.base + offset + lines.lowerBound * matrix.columns + inner.lowerBound, matrix.columns, 1,
                        lines.count, inner.count, scale, side, panel)
                case .stored(let stored, let first):
                    let rows = first + lines.lowerBound..<first + lines.upperBound
                    if let blocks = stored.blocks(rows, column: inner.lowerBound), inner.count % 32 == 0 {
                        tiles.pack_quantized_rows(
                            blocks.type, blocks.start, blocks.rowBytes, lines.count, inner.count / 32, side, panel)
                        return
                    }
                    stored.write(rows, columns: inner, to: scratch)
                    tiles.pack(scratch, inner.count, 1, lines.count, inner.count, scale, side, panel)
                }
            case .columns(let matrix):
                switch matrix.backing {
                case .floats(let storage, let offset):
                    tiles.pack(
                        storage.base + offset + inner.lowerBound * matrix.columns + lines.lowerBound, 1, matrix.columns,
                        lines.count, inner.count, scale, side, panel)
                case .stored(let stored, let first):
                    let rows = first + inner.lowerBound..<first + inner.upperBound
                    if let blocks = stored.blocks(rows, column: lines.lowerBound), lines.count == 32 {
                        tiles.pack_quantized_columns(blocks.type, blocks.start, blocks.rowBytes, inner.count, panel)
                        return
                    }
                    stored.write(rows, columns: lines, to: scratch)
                    tiles.pack(scratch, 1, lines.count, lines.count, inner.count, scale, side, panel)
                }
            }
        }

        /// Whether parts of it can be packed as they are asked for.
        var isReadable: Bool {
            switch self {
            case .floats: true
            case .rows(let matrix), .columns(let matrix):
                switch matrix.backing {
                case .floats: true
                // Parts begin at multiples of 32, and end there unless the matrix does, whose rows are whole blocks.
                case .stored(let stored, _): stored.hasShortBlocks
                }
            }
        }
    }

    /// out [rows, columns] = scale · left · rightᵀ, sides given by their lines; added to `out` when `adding`.
    /// - Parameters:
    ///   - transposed: out is [columns, rows].
    ///   - parallel: whether to use all cores; false inside parallel items.
    /// - Returns: false, having done nothing, where tiles are not to be had or would not pay.
    static func run(
        _ left: Side, _ right: Side, into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        inner: Int, scale: Float = 1, adding: Bool = false, transposed: Bool = false, parallel: Bool
    ) -> Bool {
        guard let tiles, rows * columns * inner >= leastWork, rows >= 4, columns >= 4, inner >= 8, left.isReadable,
            right.isReadable
        else { return false }
        let product = Product(
            tiles: tiles, left: left, right: right, rows: rows, columns: columns, scale: scale, transposed: transposed,
            holdsLeft: rows < columns)
        let forks = parallel && Parallel.width > 1 && rows * columns * inner >= 1 << 19
        if inner < longInner || transposed {
            product.run(0..<inner, into: out, stride: stride, adding: adding, forks: forks)
            return true
        }
        // Few results of long sums: each core makes sums of its own, which are added up in the order of inner.
        TileScratch.withFloats(longParts * rows * columns) { sums in
            Parallel.spread(longParts, forks: forks) { parts in
                for part in parts {
                    let unit = (inner / longParts + 31) / 32 * 32
                    let range =
                        min(inner, part * unit)..<(part == longParts - 1 ? inner : min(inner, (part + 1) * unit))
                    product.run(
                        range, into: sums + part * rows * columns, stride: columns, adding: false, forks: false)
                }
            }
            for row in 0..<rows {
                if !adding { (out + row * stride).update(repeating: 0, count: columns) }
                for part in 0..<longParts {
                    Kernels.best.add(sums + (part * rows + row) * columns, out + row * stride, columns)
                }
            }
        }
        return true
    }

    /// From this length of inner on it is cut into so many parts, whatever the number of cores.
    private static let longInner = 16_384
    private static let longParts = 8

    static func panelBytes(_ inner: Int) -> Int { (inner + 31) / 32 * 4096 }
}

/// One product of `TileProduct`.
private struct Product {
    let tiles: simd_tiles
    let left: TileProduct.Side
    let right: TileProduct.Side
    let rows: Int
    let columns: Int
    let scale: Float
    let transposed: Bool
    /// Whether the left side is the one that each core packs whole and holds; panels of the other pass by.
    let holdsLeft: Bool

    private var panel: Int { TileProduct.panel }
    /// Length of inner at most for which a block is multiplied at once: a panel of it fits the first-level cache.
    private static let deepest = 192

    private func lines(_ index: Int, of count: Int) -> Range<Int> {
        index * panel..<min(count, (index + 1) * panel)
    }

    private func pack(
        _ index: Int, right isRight: Bool, _ inner: Range<Int>, into panel: UnsafeMutableRawPointer,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let side = isRight ? right : left
        side.pack(
            lines(index, of: isRight ? columns : rows), inner: inner, right: isRight, scale: isRight ? 1 : scale, tiles,
            into: panel, scratch: scratch)
    }

    /// The product's sums over `inner`.
    func run(_ inner: Range<Int>, into out: UnsafeMutablePointer<Float>, stride: Int, adding: Bool, forks: Bool) {
        let held = (min(rows, columns) + panel - 1) / panel
        let passing = (max(rows, columns) + panel - 1) / panel
        // Blocks of equal length, in whole steps of 32.
        let blocks = (inner.count + Self.deepest - 1) / Self.deepest
        let depth = transposed ? inner.count : ((inner.count + blocks - 1) / blocks + 31) / 32 * 32
        let residentBytes = held * TileProduct.panelBytes(inner.count) + 4096
        let workers = forks ? Parallel.width : 1
        TileScratch.withBytes(workers * residentBytes) { memory in
            withUnsafeTemporaryAllocation(of: Bool.self, capacity: workers) { isPacked in
                isPacked.initialize(repeating: false)
                let parts = forks ? min(passing, 4 * workers) : 1
                Parallel.items(parts) { part, worker in
                    let resident = memory + (forks ? worker : 0) * residentBytes
                    TileScratch.withFloats(panel * depth) { scratch in
                        if !isPacked[forks ? worker : 0] {
                            isPacked[forks ? worker : 0] = true
                            forEachBlock(inner, depth) { block, start in
                                for index in 0..<held {
                                    pack(
                                        index, right: !holdsLeft, block,
                                        into: resident + held * start + index * TileProduct.panelBytes(block.count),
                                        scratch: scratch)
                                }
                            }
                        }
                        multiply(
                            part * passing / parts..<(part + 1) * passing / parts, inner, depth, held: held, resident,
                            into: out, stride: stride, adding: adding, scratch: scratch)
                    }
                }
            }
        }
    }

    /// Calls `body(block, bytes of a panel before it)` for each block of inner.
    private func forEachBlock(_ inner: Range<Int>, _ depth: Int, _ body: (Range<Int>, Int) -> Void) {
        for start in Swift.stride(from: inner.lowerBound, to: inner.upperBound, by: depth) {
            body(
                start..<min(inner.upperBound, start + depth), (start - inner.lowerBound) / 32 * 4096)
        }
    }

    /// Some of the passing panels against all that are held.
    private func multiply(
        _ passing: Range<Int>, _ inner: Range<Int>, _ depth: Int, held: Int, _ resident: UnsafeMutableRawPointer,
        into out: UnsafeMutablePointer<Float>, stride: Int, adding: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
        tiles.begin()
        TileScratch.withBytes(TileProduct.panelBytes(depth)) { own in
            forEachBlock(inner, depth) { block, start in
                let bytes = TileProduct.panelBytes(block.count)
                let adds: Int32 = adding || start > 0 ? 1 : 0
                for index in passing {
                    pack(index, right: holdsLeft, block, into: own, scratch: scratch)
                    for other in 0..<held {
                        let leftLines = lines(holdsLeft ? other : index, of: rows)
                        let rightLines = lines(holdsLeft ? index : other, of: columns)
                        let place =
                            transposed
                            ? rightLines.lowerBound * stride + leftLines.lowerBound
                            : leftLines.lowerBound * stride + rightLines.lowerBound
                        let packed = UnsafeRawPointer(resident + held * start + other * bytes)
                        tiles.multiply(
                            holdsLeft ? packed : UnsafeRawPointer(own), holdsLeft ? UnsafeRawPointer(own) : packed,
                            bytes / 4096, out + place, stride, leftLines.count, rightLines.count, adds,
                            transposed ? 1 : 0)
                    }
                }
            }
        }
        tiles.end()
    }
}

/// Working memory for panels, packed or of floats, kept for the next product.
enum TileScratch {
    /// `@unchecked Sendable`: whoever took it from the shelf is its only user.
    private final class Piece: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
        let count: Int

        init(_ count: Int) {
            base = .allocate(byteCount: count, alignment: 64)
            self.count = count
        }

        deinit { base.deallocate() }
    }

    private static let shelf = Mutex<[Piece]>([])
    /// Pieces come in few sizes, so that they fit the next who asks.
    private static let unit = 1 << 18

    static func withBytes<Result>(_ count: Int, _ body: (UnsafeMutableRawPointer) -> Result) -> Result {
        let wanted = (count + unit - 1) / unit * unit
        let piece =
            shelf.withLock { shelf in
                shelf.lastIndex { $0.count >= wanted }.map { shelf.remove(at: $0) }
            } ?? Piece(wanted)
        defer { shelf.withLock { $0.append(piece) } }
        return body(piece.base)
    }

    static func withFloats<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        withBytes(count * 4) { body($0.bindMemory(to: Float.self, capacity: count)) }
    }
}
