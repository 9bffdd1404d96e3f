/// A `multipart/form-data` body (RFC 7578): what a file is uploaded with.
public struct MultipartForm: Sendable, Equatable {
    /// A field of the form.
    public struct Part: Sendable, Equatable {
        public var name: String
        /// The file's name; nil of a field that is no file.
        public var filename: String?
        public var contentType: String?
        public var content: [UInt8]

        public init(name: String, filename: String? = nil, contentType: String? = nil, content: [UInt8]) {
            self.name = name
            self.filename = filename
            self.contentType = contentType
            self.content = content
        }
    }

    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    /// The upload of a file.
    /// - Parameter expiresAfter: seconds after which the service deletes it, 3600 to 2592000; nil keeps it.
    public init(file content: [UInt8], name: String, purpose: FilePurpose, expiresAfter: Int? = nil) {
        parts = [Part(name: "purpose", content: Array(purpose.rawValue.utf8))]
        if let expiresAfter {
            parts.append(Part(name: "expires_after[anchor]", content: Array("created_at".utf8)))
            parts.append(Part(name: "expires_after[seconds]", content: Array(String(expiresAfter).utf8)))
        }
        let isText = name.hasSuffix(".jsonl") || name.hasSuffix(".json")
        parts.append(
            Part(
                name: "file", filename: name, contentType: isText ? "application/json" : "application/octet-stream",
                content: content))
    }

    /// The first part of a name.
    public subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// A field's text; nil where there is none, or where it is no UTF-8.
    public func text(_ name: String) -> String? { self[name].flatMap { String(validating: $0.content, as: UTF8.self) } }

    /// The body and its `Content-Type`. The boundary stands nowhere in the parts; the same form has the same body.
    public func encoded() -> (contentType: String, body: [UInt8]) {
        var number = 0
        var boundary = Self.boundary(number)
        // The search ends: each candidate differs, and the parts hold finitely many of them.
        while parts.contains(where: { Self.place(of: Array(boundary.utf8), in: $0.content, from: 0) != nil }) {
            number += 1
            boundary = Self.boundary(number)
        }
        var body: [UInt8] = []
        body.reserveCapacity(parts.reduce(64) { $0 + $1.content.count + 256 })
        for part in parts {
            body += "--\(boundary)\r\n\(Self.headers(part))\r\n".utf8
            body += part.content
            body += "\r\n".utf8
        }
        body += "--\(boundary)--\r\n".utf8
        return ("multipart/form-data; boundary=\(boundary)", body)
    }

    private static func boundary(_ number: Int) -> String { "distnb-form-\(number)-7d0f1b2c9e5a4836" }

    private static func headers(_ part: Part) -> String {
        var headers = "Content-Disposition: form-data; name=\"\(escaped(part.name))\""
        if let filename = part.filename { headers += "; filename=\"\(escaped(filename))\"" }
        headers += "\r\n"
        if let type = part.contentType { headers += "Content-Type: \(type.filter { !$0.isNewline })\r\n" }
        return headers
    }

    /// A name as browsers write it: quotes and line ends percent-encoded (WHATWG, multipart/form-data encoding).
    private static func escaped(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
                    switch scalar {
                    case "\"": Array("%22".unicodeScalars)
                    case "\r": Array("%0D".unicodeScalars)
                    case "\n": Array("%0A".unicodeScalars)
                    default: [scalar]
                    }
                }))
    }

    static func place(of wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first, start >= 0, bytes.count >= wanted.count else { return nil }
        let last = bytes.count - wanted.count
        return bytes.withUnsafeBufferPointer { bytes in
            var place = start
            while place <= last {
                if bytes[place] == first, (1..<wanted.count).allSatisfy({ bytes[place + $0] == wanted[$0] }) {
                    return place
                }
                place += 1
            }
            return nil
        }
    }
}
