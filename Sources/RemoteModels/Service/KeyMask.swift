/// Takes the key in use out of what a service sends: some write back what they were sent.
struct KeyMask: Sendable {
    private let secret: String?

    /// - Parameter secret: nil where none is in use.
    init(_ secret: String?) { self.secret = secret.flatMap { $0.isEmpty ? nil : $0 } }

    func masked(_ text: String) -> String {
        guard let secret else { return text }
        var text = text
        while let range = text.firstRange(of: secret) { text.replaceSubrange(range, with: KeylessWords.mark) }
        return text
    }

    /// A body of text; bytes that are none come back as they are.
    func masked(_ body: [UInt8]) -> [UInt8] {
        guard secret != nil, let text = String(validating: body, as: UTF8.self) else { return body }
        return Array(masked(text).utf8)
    }
}
