/// How texts compare: by their code points, the same everywhere — in `==`, in `sort`, in groups and joins.
///
/// Swift's own comparison takes spellings of an accent as equal; then two columns that look alike in every other tool
/// would differ here. UTF-8 bytes order as code points do.
public enum TextOrder {
    /// Whether two texts are the same code points.
    public static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
    }

    /// Whether a text comes before another.
    public static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
