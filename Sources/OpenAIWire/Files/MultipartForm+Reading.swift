extension MultipartForm {
    /// Reads a body (RFC 2046, section 5.1; RFC 7578).
    /// - Parameter contentType: the request's header, which names the boundary.
    /// - Throws: `WireError` where the boundary is missing, a part has no name, or the closing boundary never comes.
    public init(body: [UInt8], contentType: String) throws(WireError) {
        let header = HeaderValue(contentType)
        guard header.value.lowercased() == "multipart/form-data" else {
            throw WireError("multipart/form-data as Content-Type, found \(header.value)")
        }
        guard let boundary = header.parameters["boundary"], !boundary.isEmpty, boundary.utf8.count <= 70 else {
            throw WireError("a boundary of 1 to 70 characters in Content-Type")
        }
        var reader = MultipartReader(body, boundary: boundary)
        self.init(try reader.parts())
    }
}

/// A header's value and its parameters: `form-data; name="file"; filename="a.jsonl"`.
struct HeaderValue {
    private(set) var value = ""
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        for (index, piece) in Self.pieces(text).enumerated() {
            guard index > 0 else {
                value = Self.trimmed(piece)
                continue
            }
            guard let equals = piece.firstIndex(of: "=") else { continue }
            let name = Self.trimmed(String(piece[..<equals])).lowercased()
            parameters[name] = Self.unquoted(Self.trimmed(String(piece[piece.index(after: equals)...])))
        }
    }

    /// The pieces between semicolons outside of quotes.
    private static func pieces(_ text: String) -> [String] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == ";", !isQuoted {
                pieces.append("")
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if character == "\\", isQuoted {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var plain = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            // Browsers write `\` in names as it stands; only an escaped quote or backslash is meant as one.
            if isEscaped {
                if character != "\"" && character != "\\" { plain.append("\\") }
                plain.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                plain.append(character)
            }
        }
        if isEscaped { plain.append("\\") }
        for (code, character) in [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")] {
            plain = plain.split(separator: code, omittingEmptySubsequences: false).joined(separator: character)
        }
        return plain
    }

    private static func trimmed(_ text: String) -> String {
        let rest = text.drop { $0 == " " || $0 == "\t" }
        guard let last = rest.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(rest[...last])
    }
}

/// Takes a multipart body apart.
private struct MultipartReader {
    private let body: [UInt8]
    private let delimiter: [UInt8]
    private var place = 0

    init(_ body: [UInt8], boundary: String) {
        self.body = body
        delimiter = Array("--\(boundary)".utf8)
    }

    mutating func parts() throws(WireError) -> [MultipartForm.Part] {
        var parts: [MultipartForm.Part] = []
        guard let first = nextDelimiter() else {
            throw WireError("the boundary of Content-Type in the form's body")
        }
        place = first.end
        while !isClosed() {
            skipLine()
            let start = place
            guard let next = nextDelimiter() else {
                throw WireError("the closing boundary at the end of the form's body; it may have been cut")
            }
            parts.append(try part(start..<max(start, next.start), number: parts.count + 1))
            place = next.end
        }
        return parts
    }

    /// Whether the delimiter that was just read is the last one.
    private func isClosed() -> Bool { body[place...].starts(with: "--".utf8) }

    private mutating func skipLine() {
        while place < body.count, body[place] != 0x0A { place += 1 }
        place = min(body.count, place + 1)
    }

    /// The next delimiter that begins a line: where the content before it ends, and where the delimiter does.
    private func nextDelimiter() -> (start: Int, end: Int)? {
        var from = place
        while let found = MultipartForm.place(of: delimiter, in: body, from: from) {
            let end = found + delimiter.count
            let beginsLine = found == 0 || found == place || body[found - 1] == 0x0A
            if beginsLine, endsWell(end) {
                var start = found
                if start > place, body[start - 1] == 0x0A { start -= 1 }
                if start > place, body[start - 1] == 0x0D { start -= 1 }
                return (start, end)
            }
            from = found + 1
        }
        return nil
    }

    /// Whether what follows a delimiter is white space to the line's end, or `--`: else it is a longer text.
    private func endsWell(_ end: Int) -> Bool {
        if body[end...].starts(with: "--".utf8) { return true }
        let rest = body[end...].drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == 0x0D || rest.first == 0x0A
    }

    private func part(_ range: Range<Int>, number: Int) throws(WireError) -> MultipartForm.Part {
        var headers: [String: String] = [:]
        var start = range.lowerBound
        while true {
            guard let end = body[start..<range.upperBound].firstIndex(of: 0x0A) else {
                throw WireError("an empty line after the headers of part \(number) of the form")
            }
            var line = body[start..<end]
            if line.last == 0x0D { line = line.dropLast() }
            start = end + 1
            if line.isEmpty { break }
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { continue }
            headers[text[..<colon].lowercased()] = String(text[text.index(after: colon)...].drop { $0 == " " })
        }
        let disposition = HeaderValue(headers["content-disposition"] ?? "")
        guard let name = disposition.parameters["name"] else {
            throw WireError("a name in Content-Disposition of part \(number) of the form")
        }
        return MultipartForm.Part(
            name: name, filename: disposition.parameters["filename"], contentType: headers["content-type"],
            content: Array(body[start..<range.upperBound]))
    }
}
