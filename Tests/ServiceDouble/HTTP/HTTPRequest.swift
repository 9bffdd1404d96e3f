internal import Foundation

/// What stands before a request's body.
struct HTTPHead: Sendable {
    let method: String
    /// As it came, with its query.
    let target: String
    /// The path's parts, decoded: `/v1/models` is `v1`, `models`.
    let segments: [String]
    /// The query's names and values in their order, decoded.
    let query: [(name: String, value: String)]
    /// By name, in lower case.
    let headers: [String: String]

    /// - Parameter lines: the request line and the header lines, without their ends.
    /// - Returns: nil where the lines are no HTTP/1.1.
    init?(lines: [String]) {
        guard let first = lines.first else { return nil }
        let words = first.split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        method = String(words[0])
        target = String(words[1])
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = parts[0].split(separator: "/").map { HTTPHead.decoded($0) }
        query =
            parts.count < 2
            ? []
            : parts[1].split(separator: "&").map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (
                    HTTPHead.decoded(sides[0].replacing("+", with: " ")),
                    sides.count > 1 ? HTTPHead.decoded(sides[1].replacing("+", with: " ")) : ""
                )
            }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { return nil }
            headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
        }
        self.headers = headers
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        String(text).removingPercentEncoding ?? String(text)
    }

    /// The path without the query.
    var path: String { "/" + segments.joined(separator: "/") }

    /// A query's value.
    func query(_ name: String) -> String? { query.last { $0.name == name }?.value }

    /// Whether the client wants the connection to end with this request.
    var closes: Bool { headers["connection"]?.lowercased() == "close" }
}

/// A whole request.
struct HTTPRequest: Sendable {
    let head: HTTPHead
    let body: [UInt8]
}
