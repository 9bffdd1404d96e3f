internal import Foundation

/// A form with files, as `multipart/form-data` brings it (RFC 7578).
struct MultipartForm: Sendable {
    struct Part: Sendable {
        let name: String
        let filename: String?
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    let parts: [Part]

    subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// - Returns: nil where the body is no such form.
    init?(_ request: HTTPRequest) {
        guard let type = request.head.headers["content-type"], type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = MultipartForm.parameter("boundary", of: type)
        else { return nil }
        let body = Data(request.body)
        let mark = Data("--\(boundary)".utf8)
        var parts: [Part] = []
        var place = body.range(of: mark)
        while let begin = place {
            guard let end = body.range(of: mark, in: begin.upperBound..<body.endIndex) else { break }
            // Each part is: CRLF, headers, an empty line, bytes, CRLF.
            let part = body[begin.upperBound..<end.lowerBound].dropFirst(2).dropLast(2)
            guard let blank = part.range(of: Data("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: part[..<blank.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
                let name = MultipartForm.parameter("name", of: disposition)
            else { return nil }
            parts.append(
                Part(
                    name: name, filename: MultipartForm.parameter("filename", of: disposition),
                    bytes: Array(part[blank.upperBound...])))
            place = end
        }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let sides = piece.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].trimmingCharacters(in: .whitespaces).lowercased() == name else { continue }
            return sides[1].trimmingCharacters(in: CharacterSet(charactersIn: "\" "))
        }
        return nil
    }
}
