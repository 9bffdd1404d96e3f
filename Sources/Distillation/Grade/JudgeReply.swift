internal import OrderedCollections
internal import Tables

extension Judge.Form {
    /// Reads a reply leniently: the object may stand in a code fence or among other words, a number may be quoted, and a
    /// reply that is nothing but the number or the label will do. A reply with two different results is none.
    /// - Throws: `JudgeFault`; a result outside the range is never moved into it.
    public func judgement(in reply: String) throws(JudgeFault) -> Judgement {
        var found: [Value] = []
        for object in JudgeReply.objects(in: reply) {
            guard let result = keys.lazy.compactMap({ object[$0] }).first(where: { !$0.isNull }) else { continue }
            if !found.contains(result) { found.append(result) }
        }
        if found.isEmpty, let bare = JudgeReply.bareResult(reply), bare.text.map(isLabel) ?? true { found = [bare] }
        guard let result = found.first else {
            throw .unparseable(
                reply.allSatisfy(\.isWhitespace) ? "it is empty" : "it has no JSON object with \"\(keys[0])\"")
        }
        guard found.count == 1 else { throw .unparseable("it has several different results") }
        return try judgement(of: result)
    }

    private func isLabel(_ text: String) -> Bool {
        guard case .label(let labels, _) = self else { return false }
        return labels.contains { $0.lowercased() == text.lowercased() }
    }

    /// The names under which the result may stand, the one that is asked for first.
    private var keys: [String] {
        switch self {
        case .score: ["result", "score"]
        case .label: ["label", "result"]
        }
    }

    private func judgement(of result: Value) throws(JudgeFault) -> Judgement {
        switch self {
        case .score(let range):
            guard let number = result.double ?? result.text.flatMap({ Double(JudgeReply.trimmed($0)) }) else {
                throw .unparseable("its result is \(result.kindName), not a number")
            }
            guard range.contains(number) else {
                throw .outOfRange(
                    "its result \(Self.plain(number)) is not from \(Self.plain(range.lowerBound)) to "
                        + Self.plain(range.upperBound))
            }
            return .score(number)
        case .label(let labels, _):
            guard let text = result.text ?? result.integer.map(String.init) else {
                throw .unparseable("its label is \(result.kindName), not a text")
            }
            let written = JudgeReply.trimmed(text)
            if labels.contains(written) { return .label(written) }
            let alike = labels.filter { $0.lowercased() == written.lowercased() }
            guard alike.count == 1 else {
                throw .outOfRange("its label \(JSON.text(.string(String(written.prefix(40))))) is none of the labels")
            }
            return .label(alike[0])
        }
    }
}

/// How JSON is found in what a judge writes.
enum JudgeReply {
    /// The JSON objects of a text, outermost ones only, in order.
    ///
    /// What stands inside braces that never close, or that hold no JSON, is not looked into: the steps of a reply that was
    /// cut off have results of their own, which are not the judge's.
    static func objects(in reply: String) -> [Record] {
        let bytes = Array(reply.utf8)
        var found: [Record] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "{") else {
                index += 1
                continue
            }
            guard let end = end(of: bytes, from: index) else { break }
            if let object = try? JSON.parse(bytes, in: index..<end).record { found.append(object) }
            index = end
        }
        return found
    }

    /// Behind the brace that closes the one at `start`; braces in texts do not count.
    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var isText = false
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where isText: index += 1
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// A reply that is nothing but its result: `4`, `"polite"`, `polite.`; nil for whole sentences.
    static func bareResult(_ reply: String) -> Value? {
        var text = trimmed(reply)
        if text.hasSuffix(".") { text.removeLast() }
        guard !text.isEmpty, text.utf8.count <= 100, !text.contains(where: \.isNewline),
            !text.contains(where: { "{}[]<>".contains($0) })
        else { return nil }
        if let number = Double(text), number.isFinite { return .double(number) }
        return .string(text)
    }

    /// Without blanks, quotes and marks of emphasis around.
    static func trimmed(_ text: String) -> String {
        func isAround(_ character: Character) -> Bool { character.isWhitespace || "\"'`*".contains(character) }
        var rest = Substring(text)
        while let first = rest.first, isAround(first) { rest.removeFirst() }
        while let last = rest.last, isAround(last) { rest.removeLast() }
        return String(rest)
    }
}
