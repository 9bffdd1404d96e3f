/// Dates in running text.
enum EntityDate {
    /// The date that words begin with, and how many they are.
    static func read(_ words: ArraySlice<EntityWord>) -> (key: NamedEntities.Key, length: Int)? {
        guard let first = words.first else { return nil }
        if let key = iso(first.text) { return (key, 1) }
        let rest = Array(words.prefix(3))
        let second = rest.count > 1 ? rest[1] : nil
        let third = rest.count > 2 ? rest[2] : nil
        if let day = day(first.text), let second, let month = month(second.text), !first.endsPart {
            if let third, let year = year(third.text) { return (.date(year: year, month: month, day: day), 3) }
            return (.date(year: nil, month: month, day: day), 2)
        }
        if let month = month(first.text), let second {
            if let year = year(second.text) { return (.date(year: year, month: month, day: nil), 2) }
            if let day = day(second.text), !first.endsPart || first.text.count == 3 {
                if let third, let year = year(third.text) { return (.date(year: year, month: month, day: day), 3) }
                return (.date(year: nil, month: month, day: day), 2)
            }
        }
        return nil
    }

    private static func iso(_ text: String) -> NamedEntities.Key? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2, let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return .date(year: year, month: month, day: day)
    }

    private static func day(_ text: String) -> Int? {
        var digits = Substring(text)
        for ending in ["st", "nd", "rd", "th"] where digits.hasSuffix(ending) { digits = digits.dropLast(2) }
        guard digits.count <= 2, let day = Int(digits), (1...31).contains(day) else { return nil }
        return day
    }

    private static func year(_ text: String) -> Int? {
        guard text.count == 4, let year = Int(text), (1000...2999).contains(year) else { return nil }
        return year
    }

    private static func month(_ text: String) -> Int? {
        guard text.first?.isUppercase == true else { return nil }
        let name = text.lowercased()
        return months.firstIndex { $0 == name || (name.count == 3 && $0.hasPrefix(name)) }.map { $0 + 1 }
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
}
