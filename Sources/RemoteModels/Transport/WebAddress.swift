/// Whom an address (http, https) leads to.
struct WebAddress: Sendable, Hashable {
    /// Scheme, host and port, as they stand in the address.
    let origin: String
    /// Host and port; without the name and the password that may stand before them.
    let host: String

    init(_ address: String) {
        let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
        let end = address[start...].firstIndex { "/?#".contains($0) } ?? address.endIndex
        origin = String(address[..<end])
        let place = address[start..<end]
        host = String(place.lastIndex(of: "@").map { place[place.index(after: $0)...] } ?? place)
    }

    /// Whether it is this machine.
    var isLoopback: Bool {
        let name = host.lowercased()
        if name.hasPrefix("[") { return name.hasPrefix("[::1]") }
        let bare = name.prefix { $0 != ":" }
        let numbers = bare.split(separator: ".", omittingEmptySubsequences: false)
        return bare == "localhost"
            || (numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil })
    }
}
