internal import OrderedCollections
internal import PipelineSyntax

/// What names and dots mean at a place of a program.
struct CheckScope {
    /// Names bound above, with what is known of them.
    var names: [String: StaticType]
    /// What the dot means: a row or element; nil where it means nothing.
    var row: StaticType?
    /// What the rows are called in messages: "`quiz`", or "the rows".
    var rowName = "the rows"
    /// The name that holds the rows, where they stand right before the verb.
    var rowVariable: String?
    /// Columns that the verbs before took away, each with the place of the verb.
    var lost: [String: Loss] = [:]
    /// What the rows of a group are, inside `group`: dots stand only in aggregates.
    var group: StaticType?
    /// Whether `{{…}}` is filled here.
    var allowsTemplates = false

    /// A verb after which a column is no longer there.
    struct Loss {
        let verb: String
        let span: Span
    }

    /// The columns that the dot can name, where they are known.
    var columns: Columns? {
        switch row ?? group {
        case .record(let columns): columns
        default: nil
        }
    }
}
