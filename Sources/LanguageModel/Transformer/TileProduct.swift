import CSIMD
import Synchronization

/// Matrix products on the processor's tiles, where it has them (`tiles.c` of CSIMD).
///
/// One side, the one with fewer lines, each core packs for itself (rather than fetch it from another core's cache), in
/// chunks of inner that its cache holds; panels of the other are packed one by one and multiplied with all of it. A block
/// of the result is one core's work from beginning to end, so that results do not depend on the number of cores.
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

    /// scale · left · rightᵀ, sides given by their lines, for some columns of a result.
    struct Term {
        let left: Side
        let right: Side
        let inner: Int
        let columns: Range<Int>
        var scale: Float = 1
    }

    /// out [rows, columns] = the term, or added to `out` when `adding`.
    /// - Parameters:
    ///   - term: of all columns.
    ///   - others: short ones, added while the result is near.
    ///   - precision: whether products of low parts are made.
    ///   - transposed: out is [columns, rows].
    ///   - parallel: whether to use all cores; false inside parallel items.
    /// - Returns: false, having done nothing, where tiles are not to be had or would not pay.
    static func run(
        _ term: Term, others: [Term] = [], into out: UnsafeMutablePointer<Float>, stride: Int, rows: Int,
        adding: Bool = false, precision: MatrixProduct.Precision, transposed: Bool = false, parallel: Bool
    ) -> Bool {
        let (columns, inner) = (term.columns.count, term.inner)
        guard let tiles, rows * columns * inner >= leastWork, rows >= 4, columns >= 4, inner >= 8,
            term.left.isReadable, term.right.isReadable
        else { return false }
        let isLong = inner >= longInner && !transposed
        guard others.allSatisfy({ canJoin($0, columns: columns) }), others.isEmpty || !(isLong || transposed)
        else { return false }
        let product = Product(
            tiles: tiles, term: term, others: others, rows: rows, precision: precision, transposed: transposed,
            holdsLeft: rows < columns)
        let forks = parallel && Parallel.width > 1 && rows * columns * inner >= 1 << 19
        if !isLong {
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

    /// Whether a further term is of whole panels of the result.
    private static func canJoin(_ term: Term, columns: Int) -> Bool {
        term.left.isReadable && term.right.isReadable && term.inner <= 1024
            && term.columns.lowerBound % panel == 0
            && (term.columns.upperBound % panel == 0 || term.columns.upperBound == columns)
    }

    /// From this length of inner on it is cut into so many parts, whatever the number of cores.
    private static let longInner = 16_384
    private static let longParts = 8

    static func panelBytes(_ inner: Int) -> Int { (inner + 31) / 32 * 4096 }
}

extension TileProduct.Term {
    /// The panels of the result's columns that it reaches.
    var columnPanels: Range<Int> {
        columns.lowerBound / TileProduct.panel..<(columns.upperBound + TileProduct.panel - 1) / TileProduct.panel
    }
}

/// One product of `TileProduct`.
private struct Product {
    let tiles: simd_tiles
    let term: TileProduct.Term
    let others: [TileProduct.Term]
    let rows: Int
    let precision: MatrixProduct.Precision
    let transposed: Bool
    /// Whether the left side is the one that each core packs whole and holds; panels of the other pass by.
    let holdsLeft: Bool

    private var panel: Int { TileProduct.panel }
    /// Length of inner at most for which a block is multiplied at once: a panel of it fits the first-level cache.
    private static let deepest = 192
    /// Panels held times length of inner at most: 4 bytes a number, 32 numbers a line.
    private static let heldDepth = (1 << 20) / (4 * 32)

    private var rowPanels: Int { (rows + panel - 1) / panel }

    /// The panels that a term holds.
    private func held(_ term: TileProduct.Term) -> Range<Int> { holdsLeft ? 0..<rowPanels : term.columnPanels }

    /// The product's sums over `inner`.
    ///
    /// Inner is cut into chunks of which the held side fits the second-level cache, and these into blocks of which a
    /// panel fits the first. While a panel passes, its part of the result stays near.
    func run(_ inner: Range<Int>, into out: UnsafeMutablePointer<Float>, stride: Int, adding: Bool, forks: Bool) {
        let held = held(term).count
        let passing = holdsLeft ? term.columnPanels.count : rowPanels
        let chunk = transposed ? inner.count : Self.even(inner.count, atMost: max(Self.deepest, Self.heldDepth / held))
        let depth = transposed ? inner.count : Self.even(chunk, atMost: Self.deepest)
        let chunkBytes = held * TileProduct.panelBytes(chunk)
        let heldBytes = others.reduce(chunkBytes) { $0 + self.held($1).count * TileProduct.panelBytes($1.inner) } + 4096
        let workers = forks ? Parallel.width : 1
        // What is packed once can be multiplied in many small parts, so that no core waits for another for long.
        let parts = forks ? min(passing, chunk >= inner.count ? 4 * workers : workers) : 1
        let target = Target(out: out, stride: stride, adding: adding)
        TileScratch.withBytes(workers * heldBytes) { memory in
            withUnsafeTemporaryAllocation(of: Bool.self, capacity: workers) { isPacked in
                isPacked.initialize(repeating: false)
                Parallel.items(parts) { part, worker in
                    let worker = forks ? worker : 0
                    let panels = part * passing / parts..<(part + 1) * passing / parts
                    work(
                        panels, inner, chunk: chunk, depth: depth, held: memory + worker * heldBytes,
                        others: memory + worker * heldBytes + chunkBytes, isPacked: &isPacked[worker], target)
                }
            }
        }
    }

    /// Where the result goes.
    private struct Target {
        let out: UnsafeMutablePointer<Float>
        let stride: Int
        let adding: Bool
    }

    /// The passing panels, all of inner.
    private func work(
        _ passing: Range<Int>, _ inner: Range<Int>, chunk: Int, depth: Int, held: UnsafeMutableRawPointer,
        others heldOfOthers: UnsafeMutableRawPointer, isPacked: inout Bool, _ target: Target
    ) {
        let deepest = others.reduce(depth) { max($0, $1.inner) }
        let heldPanels = self.held(term).count
        TileScratch.withBytes(TileProduct.panelBytes(deepest) + panel * depth * 4) { own in
            let scratch = (own + TileProduct.panelBytes(deepest)).bindMemory(to: Float.self, capacity: panel * depth)
            tiles.begin()
            forEachBlock(inner, chunk) { part, start in
                let isLast = part.upperBound == inner.upperBound
                if !isPacked || part.count < inner.count {
                    forEachBlock(part, depth) { block, start in
                        packHeld(term, block, into: held + heldPanels * TileProduct.panelBytes(start), scratch)
                    }
                    if isLast { packOthers(into: heldOfOthers, scratch) }
                    isPacked = true
                }
                for index in passing {
                    forEachBlock(part, depth) { block, before in
                        multiply(
                            term, block, index, held: held + heldPanels * TileProduct.panelBytes(before), own, scratch,
                            target, adding: target.adding || start + before > 0)
                    }
                    if isLast { multiplyOthers(index, held: heldOfOthers, own, scratch, target) }
                }
            }
            tiles.end()
        }
    }

    /// The length of equal parts of `count`, in whole steps of 32.
    private static func even(_ count: Int, atMost limit: Int) -> Int {
        let parts = max(1, (count + limit - 1) / limit)
        return max(32, ((count + parts - 1) / parts + 31) / 32 * 32)
    }

    /// Calls `body(block, inner before it)` for each block of inner.
    private func forEachBlock(_ inner: Range<Int>, _ depth: Int, _ body: (Range<Int>, Int) -> Void) {
        for start in Swift.stride(from: inner.lowerBound, to: inner.upperBound, by: depth) {
            body(start..<min(inner.upperBound, start + depth), start - inner.lowerBound)
        }
    }

    private func packHeld(
        _ term: TileProduct.Term, _ block: Range<Int>, into memory: UnsafeMutableRawPointer,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let bytes = TileProduct.panelBytes(block.count)
        for (place, index) in held(term).enumerated() {
            pack(term, index, left: holdsLeft, block, into: memory + place * bytes, scratch)
        }
    }

    private func packOthers(into memory: UnsafeMutableRawPointer, _ scratch: UnsafeMutablePointer<Float>) {
        var memory = memory
        for term in others {
            packHeld(term, 0..<term.inner, into: memory, scratch)
            memory += held(term).count * TileProduct.panelBytes(term.inner)
        }
    }

    private func multiplyOthers(
        _ index: Int, held memory: UnsafeMutableRawPointer, _ own: UnsafeMutableRawPointer,
        _ scratch: UnsafeMutablePointer<Float>, _ target: Target
    ) {
        var memory = memory
        for term in others {
            if !holdsLeft || term.columnPanels.contains(index) {
                multiply(term, 0..<term.inner, index, held: memory, own, scratch, target, adding: true)
            }
            memory += held(term).count * TileProduct.panelBytes(term.inner)
        }
    }

    /// Packs up to 32 lines, rows or columns of the result by their panel's number there.
    private func pack(
        _ term: TileProduct.Term, _ index: Int, left: Bool, _ inner: Range<Int>, into memory: UnsafeMutableRawPointer,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        if left {
            term.left.pack(
                lines(index, rows), inner: inner, right: false, scale: term.scale, tiles, into: memory, scratch: scratch
            )
        } else {
            term.right.pack(
                lines(index - term.columnPanels.lowerBound, term.columns.count), inner: inner, right: true, scale: 1,
                tiles, into: memory, scratch: scratch)
        }
    }

    private func lines(_ index: Int, _ count: Int) -> Range<Int> {
        index * panel..<min(count, (index + 1) * panel)
    }

    /// A block of one passing panel against all that the term holds.
    private func multiply(
        _ term: TileProduct.Term, _ block: Range<Int>, _ index: Int, held memory: UnsafeMutableRawPointer,
        _ own: UnsafeMutableRawPointer, _ scratch: UnsafeMutablePointer<Float>, _ target: Target, adding: Bool
    ) {
        pack(term, index, left: !holdsLeft, block, into: own, scratch)
        let bytes = TileProduct.panelBytes(block.count)
        var packed = memory
        for other in held(term) {
            let (row, column) = holdsLeft ? (other, index) : (index, other)
            let place =
                transposed ? column * panel * target.stride + row * panel : row * panel * target.stride + column * panel
            tiles.multiply(
                holdsLeft ? packed : own, holdsLeft ? own : packed, bytes / 4096, target.out + place, target.stride,
                min(panel, rows - row * panel), min(panel, term.columns.upperBound - column * panel), adding ? 1 : 0,
                precision == .full ? 1 : 0, transposed ? 1 : 0)
            packed += bytes
        }
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
