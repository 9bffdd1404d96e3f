/// A piece of a template.
struct Token {
    enum Kind: Equatable {
        /// Text outside of tags.
        case data([UInt32])
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case integer(Int)
        case double(Double)
        case text([UInt32])
        /// A sign, such as `==`.
        case sign(String)
        case end
    }

    let kind: Kind
    /// Where it begins in the source, in code points.
    let offset: Int

    /// The token as messages name it.
    var name: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "`{{`"
        case .variableEnd: "`}}`"
        case .blockBegin: "`{%`"
        case .blockEnd: "`%}`"
        case .name(let name): "`\(name)`"
        case .integer(let number): "`\(number)`"
        case .double(let number): "`\(number)`"
        case .text: "a text"
        case .sign(let sign): "`\(sign)`"
        case .end: "the end of the template"
        }
    }
}
