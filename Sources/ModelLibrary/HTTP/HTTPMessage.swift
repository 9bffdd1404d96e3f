package import Foundation

extension URL {
    /// The address as it may be kept and shown: signed ones carry keys in their queries.
    var withoutSecrets: String {
        var parts = URLComponents(url: self, resolvingAgainstBaseURL: true)
        parts?.query = nil
        parts?.user = nil
        parts?.password = nil
        return parts?.string ?? absoluteString
    }
}

/// A GET.
package struct HTTPRequest: Sendable {
    package var url: URL
    package var headers: [String: String]

    package init(_ url: URL, headers: [String: String] = [:]) {
        self.url = url
        self.headers = headers
    }
}

/// The head of a response.
package struct HTTPHead: Sendable, Hashable {
    package let status: Int
    /// The fields by name, in lower case; of a field that comes twice the last one.
    package var fields: [String: String]

    package init(status: Int, fields: [String: String] = [:]) {
        self.status = status
        self.fields = fields
    }

    package subscript(_ name: String) -> String? { fields[name] }

    /// The tag that stands for exactly these bytes; a weak one (`W/…`) does not.
    var strongTag: String? { fields["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil } }

    /// Where the bytes of a 206 begin, and how many the whole has.
    var contentRange: (start: Int, total: Int?)? {
        // "bytes 100-199/1000", "bytes 100-199/*" (RFC 9110, 14.4)
        guard let text = fields["content-range"], text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = Int(parts[0].prefix { $0 != "-" }), start >= 0 else { return nil }
        return (start, Int(parts[1]))
    }

    /// Seconds that the server asks to wait; a date instead of a number counts as nothing said.
    var retryAfter: Double? { fields["retry-after"].flatMap(Int.init).map { Double(max(0, $0)) } }
}

/// Why no response came, or none to the end.
package enum HTTPFailure: Error, Sendable, Hashable {
    /// The host has no address, or nobody listens there.
    case unreachable(host: String, reason: String)
    /// The other side could not show who it is.
    case untrusted(host: String, reason: String)
    /// The connection ended too early: worth another try.
    case cut(host: String, reason: String)
    /// There is no libcurl on this machine.
    case noLibrary
    case other(host: String, reason: String)
}

/// Sends requests.
package protocol HTTPTransport: Sendable {
    /// Sends a GET, without following redirects, and waits for its end.
    /// - Parameters:
    ///   - onHead: called once, before the body.
    ///   - onBody: called with each part of the body.
    /// - Throws: `HTTPFailure`, `Interrupted`, and what the closures throw.
    func get(
        _ request: HTTPRequest, isCancelled: @escaping @Sendable () -> Bool, onHead: (HTTPHead) throws -> Void,
        onBody: (UnsafeRawBufferPointer) throws -> Void
    ) throws
}
