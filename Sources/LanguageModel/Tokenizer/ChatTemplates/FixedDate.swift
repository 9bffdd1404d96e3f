/// The day that templates are told when they ask for today's.
///
/// A prompt with today's date in it would be another one tomorrow: stored completions would not be found again, and a
/// run could not be repeated. The day is the one that Llama's own templates write where they cannot ask.
public enum FixedDate {
    private static let fields: [Unicode.Scalar: String] = [
        "d": "26", "e": "26", "m": "07", "B": "July", "b": "Jul", "Y": "2024", "y": "24", "A": "Friday", "a": "Fri",
        "j": "208", "H": "00", "I": "12", "M": "00", "S": "00", "p": "AM", "F": "2024-07-26", "%": "%",
    ]

    /// 26 July 2024, midnight, by a format of C's `strftime`; fields that are not known stay as they are.
    public static func format(_ format: String) -> String {
        var result = String.UnicodeScalarView()
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            // `%-d` is the day without a leading zero.
            let isBare = scalars.first == "-"
            if isBare { scalars.removeFirst() }
            guard let field = scalars.popFirst() else { break }
            let text = fields[field] ?? "%\(field)"
            let digits = text.drop { $0 == "0" }
            result.append(contentsOf: (isBare && !digits.isEmpty ? String(digits) : text).unicodeScalars)
        }
        return String(result)
    }
}
