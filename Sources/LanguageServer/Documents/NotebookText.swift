internal import Notebook
internal import OrderedCollections
internal import Tables

/// A notebook's file as an editor shows it that knows nothing of notebooks: JSON, in which the cells stand as escaped
/// text.
struct NotebookText: Sendable {
    struct Cell: Sendable {
        let isCode: Bool
        let source: EscapedSource
        /// Where the cell stands, braces included.
        let place: Range<Int>
        /// Whether the cell is tagged as one that fails.
        let expectsFailure: Bool
    }

    /// What keeps the text from being a notebook, and where that is.
    struct Mistake: Sendable {
        let offset: Int
        let message: String
    }

    let cells: [Cell]
    let kernel: String?
    let mistake: Mistake?

    init(_ bytes: [UInt8]) {
        let json: Value
        let places: [Range<Int>]
        do {
            (json, places) = try JSON.parse(bytes, locatingElementsOf: "cells")
        } catch {
            let isBlank = bytes.allSatisfy { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
            let found = isBlank ? "the file is empty" : "expected \(error.expected), found \(error.found)"
            mistake = Mistake(offset: error.offset, message: "This is not a notebook: \(found).")
            (cells, kernel) = ([], nil)
            return
        }
        var cells: [Cell] = []
        var isRegular = json[field: "nbformat"].integer == 4
        for (value, place) in zip(json[field: "cells"].list ?? [], places) {
            let literals = Self.sourceLiterals(bytes, in: place)
            guard let kind = value[field: "cell_type"].text, let literals else {
                isRegular = false
                continue
            }
            cells.append(
                Cell(
                    isCode: kind == NotebookCell.Kind.code.rawValue,
                    source: EscapedSource(bytes, literals: literals), place: place,
                    expectsFailure: (value[field: "metadata"][field: "tags"].list ?? [])
                        .contains { $0.text == "raises-exception" }))
        }
        self.cells = cells
        kernel = json[field: "metadata"][field: "distnb"][field: "kernel"].text
        mistake = isRegular && json[field: "cells"].list != nil ? nil : Self.mistake(of: bytes)
    }

    /// What the codec says of a text that is JSON.
    private static func mistake(of bytes: [UInt8]) -> Mistake? {
        do throws(NotebookError) {
            _ = try NotebookCodec.decode(bytes)
            return nil
        } catch {
            return Mistake(offset: 0, message: "This is not a notebook: \(error.description).")
        }
    }

    /// Where the string literals of a cell's source stand: one, or a list of lines. Nil where it has none.
    private static func sourceLiterals(_ bytes: [UInt8], in cell: Range<Int>) -> [Range<Int>]? {
        let scan = JSONPlaces(bytes)
        // Of a field that stands twice the last counts, as in the value.
        guard let source = scan.fields(of: cell).last(where: { bytes[$0.name].elementsEqual("\"source\"".utf8) })?.value
        else { return nil }
        if bytes[source.lowerBound] == UInt8(ascii: "\"") { return [source] }
        guard bytes[source.lowerBound] == UInt8(ascii: "[") else { return nil }
        let elements = scan.elements(of: source)
        return elements.allSatisfy { bytes[$0.lowerBound] == UInt8(ascii: "\"") } ? elements : nil
    }
}
