/// Where the text of a code cell stands in its document.
enum CellMap: Sendable {
    /// As it is, in a part of the document.
    case part(Range<Int>)
    /// In string literals of a JSON text.
    case escaped(EscapedSource)

    /// The part of the document that a part of the cell is.
    func place(of part: Range<Int>) -> Range<Int> {
        switch self {
        case .part(let range):
            let start = min(range.lowerBound + max(0, part.lowerBound), range.upperBound)
            return start..<min(max(start, range.lowerBound + part.upperBound), range.upperBound)
        case .escaped(let source): return source.place(of: part)
        }
    }

    /// The offset in the cell of an offset in the document; nil outside the cell.
    func offset(of place: Int) -> Int? {
        switch self {
        case .part(let range):
            range.lowerBound <= place && place <= range.upperBound ? place - range.lowerBound : nil
        case .escaped(let source): source.offset(of: place)
        }
    }

    /// How text that is put into the cell is written in the document.
    func written(_ text: String) -> String {
        switch self {
        case .part: text
        case .escaped: EscapedSource.written(text)
        }
    }
}
