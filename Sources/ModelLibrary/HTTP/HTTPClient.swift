package import Foundation

/// Follows redirects, and shows a token to nobody but the host that it is for.
package struct HTTPClient: Sendable {
    private let transport: any HTTPTransport
    private let credential: Credential?
    private let isCancelled: @Sendable () -> Bool

    /// A token and the one place that may see it.
    package struct Credential: Sendable {
        let origin: Origin
        let token: String

        /// - Returns: nil where the connection would show the token to everybody on the way.
        package init?(token: String, for url: URL) {
            guard let origin = Origin(url), origin.isPrivate else { return nil }
            self.origin = origin
            self.token = token
        }
    }

    /// What came back in the end.
    package struct Response: Sendable {
        /// Where it came from, redirects followed.
        package let url: URL
        package let head: HTTPHead
        /// The fields of the redirects on the way, the first one's before the later ones'.
        package let redirectFields: [String: String]

        /// A field of the response, or of a redirect that led there.
        package subscript(_ name: String) -> String? { head[name] ?? redirectFields[name] }
    }

    package init(
        transport: any HTTPTransport, credential: Credential? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.transport = transport
        self.credential = credential
        self.isCancelled = isCancelled
    }

    /// Whether a token goes to a host.
    package func hasCredential(for url: URL) -> Bool { credential != nil && Origin(url) == credential?.origin }

    /// Sends a GET and follows redirects, ten at most.
    /// - Parameters:
    ///   - onResponse: called once, with whatever status; not for redirects.
    ///   - onBody: called with each part of that response's body.
    /// - Throws: `HTTPFailure`, `ModelLibraryError`, `Interrupted`, and what the closures throw.
    package func get(
        _ url: URL, headers: [String: String] = [:], onResponse: (Response) throws -> Void,
        onBody: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var url = url
        var seen: [String: String] = [:]
        for _ in 0...10 {
            var request = HTTPRequest(url, headers: headers)
            if let credential, Origin(url) == credential.origin {
                request.headers["Authorization"] = "Bearer \(credential.token)"
            }
            var next: URL?
            try transport.get(
                request, isCancelled: isCancelled,
                onHead: { head in
                    if let target = try redirect(head, from: url) {
                        next = target
                        seen.merge(head.fields) { first, _ in first }
                    } else {
                        try onResponse(Response(url: url, head: head, redirectFields: seen))
                    }
                },
                onBody: { bytes in if next == nil { try onBody(bytes) } })
            guard let target = next else { return }
            url = target
        }
        throw ModelLibraryError.tooManyRedirects(host: url.host() ?? "")
    }

    private func redirect(_ head: HTTPHead, from url: URL) throws -> URL? {
        guard [301, 302, 303, 307, 308].contains(head.status), let location = head["location"] else { return nil }
        guard let target = URL(string: location, relativeTo: url)?.absoluteURL, let origin = Origin(target) else {
            throw ModelLibraryError.strangeAnswer(host: url.host() ?? "", what: "a redirect to \(location.prefix(80))")
        }
        // From an encrypted connection to an open one is never right.
        guard origin.isPrivate || origin == Origin(url) else {
            throw ModelLibraryError.openConnection(url: target.absoluteString)
        }
        return target
    }
}

/// Scheme, host and port: what tells one server from another.
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https", let host = url.host(),
            !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host.lowercased()
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// Whether nobody on the way can read or change what is sent: encrypted, or on this machine.
    var isPrivate: Bool {
        scheme == "https" || ["localhost", "::1", "[::1]"].contains(host)
            || (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
    }
}
