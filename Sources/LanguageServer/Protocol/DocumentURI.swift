/// The name of a document: mostly a file's, sometimes one that only the editor knows.
struct DocumentURI: Sendable, Hashable {
    /// As the client writes it; compared as it stands.
    let text: String

    init(_ text: String) { self.text = text }

    /// The file's path where the URI names a file: `file:///a%20b` is `/a b`.
    var path: String? {
        let scheme = "file://"
        guard text.lowercased().hasPrefix(scheme) else { return nil }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count))
        // What stands before the path is a host; only this machine's files are files here.
        guard let start = rest.firstIndex(of: UInt8(ascii: "/")),
            start == 0 || String(decoding: rest[..<start], as: UTF8.self) == "localhost"
        else { return nil }
        return Self.decoded(rest[start...])
    }

    /// The folder that the file is in.
    var folder: String? {
        guard let path, let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether the name, without query or fragment, ends so.
    func hasEnding(_ ending: String) -> Bool {
        let name = text.prefix { $0 != "?" && $0 != "#" }
        return (path ?? String(name)).lowercased().hasSuffix(ending)
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = bytes.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            result.append(high << 4 | low)
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
