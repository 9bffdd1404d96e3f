internal import Distillation

/// A tensor on its way into a file. It is encoded piece by piece from where the model's values lie, so that writing a
/// model takes no second one's memory.
struct OutgoingTensor: Sendable {
    /// Whose names and order of rows.
    enum Layout: Sendable { case huggingFace, gguf }

    let name: String
    /// [outputs, inputs] of a matrix, [length] of a vector.
    let shape: [Int]
    let encoding: TensorEncoding
    private let tensor: ModelTensor
    private let layout: Layout
    private let matrix: Matrix

    /// - Parameter encoding: how matrices are written; vectors of GGUF files, and matrices whose rows are no whole
    ///   number of blocks, are written in a finer one.
    /// - Throws: `WeightsError.missing` where the model has no such part.
    init(_ tensor: ModelTensor, of weights: LanguageModelWeights, layout: Layout, encoding: TensorEncoding) throws {
        guard let matrix = weights[tensor.part] else {
            throw WeightsError.missing(file: weights.name, name: tensor.name)
        }
        self.tensor = tensor
        self.matrix = matrix
        self.layout = layout
        name = layout == .gguf ? tensor.ggufName : tensor.name
        shape = tensor.shape
        if layout == .gguf, tensor.shape.count == 1 {
            // ggml adds and multiplies by vectors of 32-bit floats only.
            self.encoding = .single
        } else {
            self.encoding = tensor.columns % encoding.blockLength == 0 ? encoding : .half
        }
    }

    /// A vector that is no part of the model's weights.
    init(_ name: String, _ values: [Float]) {
        self.name = name
        shape = [values.count]
        encoding = .single
        layout = .gguf
        tensor = ModelTensor(part: .finalNorm, offset: 0, shape: shape, name: name, ggufName: name)
        matrix = Matrix(rows: 1, columns: values.count) { out in
            for (index, value) in values.enumerated() { out[index] = value }
        }
    }

    var byteCount: Int { encoding.byteCount(tensor.count) }

    /// Rows that make a piece.
    private var rowsAtOnce: Int { max(1, (1 << 20) / max(1, tensor.columns)) }

    /// - Throws: `EngineError.invalidOption` where a value cannot be written so: a training gone wrong, or too large for
    ///   16 bits.
    func check() throws {
        var greatest: Float = 0
        var zero: Float = 0
        for start in stride(from: 0, to: tensor.rows, by: rowsAtOnce) {
            for value in values(start..<min(tensor.rows, start + rowsAtOnce)) {
                greatest = max(greatest, abs(value))
                // Zero unless a value is infinite or not a number.
                zero += value * 0
            }
        }
        guard zero == 0, greatest <= encoding.greatest else {
            throw EngineError.invalidOption(
                name: "precision", expected: "one that holds the values of `\(tensor.name)`, up to \(greatest)",
                found: "\"\(encoding.ggufType.name.lowercased())\"")
        }
    }

    /// Hands over the bytes, piece by piece, in order.
    func write(_ put: ExportedFile.Put) throws(FileError) {
        for start in stride(from: 0, to: tensor.rows, by: rowsAtOnce) {
            let piece = values(start..<min(tensor.rows, start + rowsAtOnce))
            try put(encoding.bytes(piece, count: piece.count))
        }
    }

    /// Rows of the file, as floats.
    private func values(_ rows: Range<Int>) -> [Float] {
        let columns = tensor.columns
        return [Float](unsafeUninitializedCapacity: rows.count * columns) { buffer, count in
            count = rows.count * columns
            guard let out = buffer.baseAddress else { return }
            if tensor.columns != matrix.columns {
                // A vector that shares its row with others; they are short.
                out.update(from: matrix.pointer + tensor.offset, count: count)
            } else if layout == .gguf, tensor.interleavedHeads > 0 {
                for (index, row) in rows.enumerated() {
                    let stored = firstRow + storedRow(row)
                    matrix.write(stored..<stored + 1, to: out + index * columns)
                }
            } else {
                matrix.write(firstRow + rows.lowerBound..<firstRow + rows.upperBound, to: out)
            }
            guard layout == .huggingFace, tensor.storedOffset != 0 else { return }
            for index in 0..<count { out[index] -= tensor.storedOffset }
        }
    }

    /// The tensor's first row in the part's matrix.
    private var firstRow: Int { tensor.offset / max(1, tensor.columns) }

    /// Where a row of the file lies in the tensor: GGUF's row 2i + j of an interleaved head is row i + j · half.
    private func storedRow(_ row: Int) -> Int {
        let head = tensor.rows / tensor.interleavedHeads
        let (first, inside) = (row / head * head, row % head)
        return first + inside / 2 + inside % 2 * (head / 2)
    }
}
