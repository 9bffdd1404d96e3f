internal import Tables

/// What a text names, by a stated rule: numbers, dates, and names written with capitals.
///
/// - Numbers are read as `AnswerNumber` reads them and compared by value.
/// - Dates are `2026-05-03`, `3 May 2026`, `May 3, 2026`, `3 May`, `May 2026`; compared by what they say.
/// - Names are runs of words with a capital, or with letters and digits (`GPT-4`); `of`, `de`, `von` and their like may
///   stand inside. A sentence's first word counts where it is in such a run and no common word, or has a further
///   capital or a digit, or stands with its capital elsewhere too. Compared by words, without regard to case or `'s`.
///
/// Made for English: German has capitals on all nouns, and Japanese has none.
public enum NamedEntities {
    /// Something that a text names.
    public struct Entity: Sendable, Hashable {
        /// As the text first writes it.
        public let text: String
        let key: Key

        public static func == (left: Entity, right: Entity) -> Bool { left.key == right.key }
        public func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    enum Key: Sendable, Hashable {
        case number(Number)
        case date(year: Int?, month: Int, day: Int?)
        case name([String])
    }

    /// What a text names, each once, in its order.
    public static func all(in text: String) -> [Entity] {
        var found: [Entity] = []
        var seen: Set<Key> = []
        let sentences = Sentences.split(text).map(EntityWord.words)
        let inside = Set(sentences.flatMap { $0.dropFirst().filter(\.hasCapital).map(\.text) })
        for words in sentences {
            for entity in entities(words, capitalisedElsewhere: inside) where seen.insert(entity.key).inserted {
                found.append(entity)
            }
        }
        return found
    }

    /// An entity that a list names: a number, a date, or words.
    public static func entity(_ text: String) -> Entity? {
        let words = EntityWord.words(text)
        if let (key, length) = EntityDate.read(words[...]), length == words.count {
            return Entity(text: text, key: key)
        }
        if words.count == 1, let number = words[0].number { return Entity(text: text, key: .number(number)) }
        let folded = words.map(\.folded)
        return folded.isEmpty ? nil : Entity(text: text, key: .name(folded))
    }

    /// The entities of a list that a text has.
    public static func covered(_ entities: [Entity], by text: String) -> [Entity] {
        let words = Sentences.split(text).flatMap(EntityWord.words)
        let folded = words.map(\.folded)
        let numbers = Set(AnswerNumber.all(in: text) + words.compactMap(\.number))
        let dates = Set(words.indices.compactMap { EntityDate.read(words[$0...])?.key })
        var places: [String: [Int]] = [:]
        for (place, word) in folded.enumerated() { places[word, default: []].append(place) }
        return entities.filter { entity in
            switch entity.key {
            case .number(let number): numbers.contains(number)
            case .date: dates.contains(entity.key)
            case .name(let name):
                (name.first.flatMap { places[$0] } ?? []).contains { folded[$0...].starts(with: name) }
            }
        }
    }

    // MARK: Reading a sentence

    private static func entities(_ words: [EntityWord], capitalisedElsewhere: Set<String>) -> [Entity] {
        var found: [Entity] = []
        var place = 0
        while place < words.count {
            if let (key, length) = EntityDate.read(words[place...]) {
                found.append(Entity(text: written(words[place..<(place + length)]), key: key))
                place += length
            } else if let number = words[place].number {
                found.append(Entity(text: words[place].text, key: .number(number)))
                place += 1
            } else if words[place].hasCapital {
                let end = endOfName(words, place)
                var name = words[place..<end]
                while let first = name.first, common.contains(first.folded) { name = name.dropFirst() }
                while let last = name.last, common.contains(last.folded) { name = name.dropLast() }
                let isLoneFirst = place == 0 && name.count == 1 && name.startIndex == 0
                if let first = name.first,
                    !isLoneFirst || first.isMarked || capitalisedElsewhere.contains(first.text)
                {
                    found.append(Entity(text: written(name), key: .name(name.map(\.folded))))
                }
                place = end
            } else {
                place += 1
            }
        }
        return found
    }

    private static func endOfName(_ words: [EntityWord], _ start: Int) -> Int {
        var end = start + 1
        while end < words.count, !words[end - 1].endsPart, !words[end].beginsPart {
            var next = end
            while next < words.count, next < end + 2, connectors.contains(words[next].text), !words[next].endsPart {
                next += 1
            }
            guard next < words.count, words[next].hasCapital, EntityDate.read(words[next...]) == nil else { break }
            end = next + 1
        }
        return end
    }

    private static func written(_ words: ArraySlice<EntityWord>) -> String {
        words.map(\.text).joined(separator: " ")
    }

    private static let connectors: Set<String> = [
        "of", "the", "de", "del", "la", "du", "von", "van", "der", "den", "&",
    ]

    /// Words that begin sentences, and names never.
    private static let common: Set<String> = [
        "a", "an", "the", "this", "that", "these", "those", "in", "on", "at", "for", "from", "to", "by", "with", "of",
        "as", "and", "or", "but", "so", "if", "when", "while", "after", "before", "since", "because", "although",
        "though", "however", "therefore", "then", "i", "it", "he", "she", "they", "we", "you", "his", "her", "their",
        "our", "your", "its", "my", "there", "here", "what", "who", "how", "why", "where", "which", "all", "some",
        "many",
        "most", "each", "every", "no", "not", "yes", "also", "both", "today", "yesterday", "once", "please", "i'm",
        "it's",
    ]
}
