internal import Tables

/// Why a model cannot be had, kept or described, in words for the person who has to put it right.
package enum ModelLibraryError: Error, Sendable, Hashable, CustomStringConvertible {
    // What was asked for.
    case notUnderstood(text: String, suggestion: String?, builtIn: [String])
    case noAddress(variable: String, text: String, standard: String)
    case noSuchPath(path: String)
    case noModel(path: String, reason: String)
    case needsHash(url: String)
    case badHash(text: String)
    case badName(name: String)
    case unknown(name: String, suggestion: String?, known: [String])
    case nameTaken(name: String, by: String)
    case busyElsewhere(name: String)
    // What the network said.
    case unreachable(host: String, reason: String, here: [String])
    case untrusted(host: String, reason: String)
    case noLibrary
    case openConnection(url: String)
    case tooManyRedirects(host: String)
    case refused(what: String, host: String, status: Int, tokenSent: Bool)
    case notFound(what: String, host: String)
    case overloaded(host: String, status: Int, tries: Int)
    case askedToWait(host: String, seconds: Int)
    case cut(host: String, reason: String, kept: Int, size: Int?)
    case strangeAnswer(host: String, what: String)
    // What a repository has.
    case choose(repository: String, files: [String])
    case noSuchFile(repository: String, file: String, files: [String])
    case nothingToRead(repository: String, reason: String)
    case unsupported(what: String, architecture: String, supported: [String])
    // What came.
    case noHash(file: String, host: String)
    case wrongHash(file: String, expected: String, found: String)
    case wrongSize(file: String, expected: Int, found: Int)
    case damagedArchive(file: String, reason: String)
    case noSpace(folder: String, needs: Int, has: Int)
    case cannotWrite(path: String, reason: String)

    package var description: String {
        switch self {
        case .notUnderstood(let text, let suggestion, let builtIn):
            "There is no file, repository or model \(text)."
                + (suggestion.map { " Did you mean \($0)?" } ?? " Known by name: \(builtIn.joined(separator: ", ")).")
        case .noAddress(let variable, let text, let standard):
            "\(variable) should be an address such as \(standard), but is \(text)."
        case .noSuchPath(let path): "There is no file or folder \(path)."
        case .noModel(let path, let reason): "\(path) is no model: \(reason)."
        case .needsHash(let url): "What comes from \(url) cannot be checked without its SHA-256."
        case .badHash(let text): "A SHA-256 has 64 hexadecimal digits; \(text.prefix(80)) is none."
        case .badName(let name):
            "A model's name has letters, digits, dots, dashes and underscores, and begins with none of the signs; \(name.prefix(80)) is none."
        case .unknown(let name, let suggestion, let known):
            "There is no model \(name) here"
                + (suggestion.map { "; did you mean \($0)?" }
                    ?? (known.isEmpty ? "; there is none at all." : "; there are \(known.joined(separator: ", "))."))
        case .nameTaken(let name, let by): "There is another model \(name) already, \(by)."
        case .busyElsewhere(let name): "Another distnb is adding \(name) at this moment."
        case .unreachable(let host, let reason, let here):
            "\(host) cannot be reached: \(reason). Is there a network? "
                + (here.isEmpty
                    ? "No model is on this machine yet." : "On this machine already: \(here.joined(separator: ", ")).")
        case .untrusted(let host, let reason):
            "\(host) could not show that it is \(host): \(reason). Nothing was fetched."
        case .noLibrary: "There is no libcurl on this machine, by which models are fetched."
        case .openConnection(let url):
            "\(url) is not encrypted (https), so anybody on the way could change what comes. Nothing was fetched."
        case .tooManyRedirects(let host): "\(host) sends from one address to the next without end."
        case .refused(let what, let host, let status, let tokenSent):
            tokenSent
                ? "\(host) does not let this HF_TOKEN have \(what) (\(status))."
                : "\(host) does not let everybody have \(what) (\(status))."
        case .notFound(let what, let host): "\(host) has no \(what)."
        case .overloaded(let host, let status, let tries):
            "\(host) is overloaded or out of order: it answered \(status), \(tries) times in a row."
        case .askedToWait(let host, let seconds):
            "\(host) asks to come back in \(seconds < 120 ? "\(seconds) seconds" : "\(seconds / 60) minutes")."
        case .cut(let host, let reason, let kept, let size):
            "The connection to \(host) broke again and again (\(reason)); "
                + "\(ByteText.of(kept, size)) are kept."
        case .strangeAnswer(let host, let what): "\(host) answered with \(what), which was not expected."
        case .choose(let repository, let files):
            "\(repository) has several models; choose one by --file:\n"
                + files.map { "  \($0)" }.joined(separator: "\n")
        case .noSuchFile(let repository, let file, let files):
            "\(repository) has no file \(file)"
                + (files.isEmpty ? "." : "; it has\n" + files.map { "  \($0)" }.joined(separator: "\n"))
        case .nothingToRead(let repository, let reason): "\(repository) has no model that can be read: \(reason)."
        case .unsupported(let what, let architecture, let supported):
            "\(what) is of the architecture \(architecture), which the embedded engine does not run; "
                + "it runs \(supported.joined(separator: ", ")). Nothing was fetched."
        case .noHash(let file, let host): "\(host) tells no SHA-256 of \(file), so what comes cannot be checked."
        case .wrongHash(let file, let expected, let found):
            "\(file) came damaged or is another file; nothing of it was kept.\n"
                + "  expected SHA-256 \(expected)\n  found            \(found)"
        case .wrongSize(let file, let expected, let found):
            "\(file) should have \(Number.integer(Int64(expected)).grouped) bytes and has \(Number.integer(Int64(found)).grouped); nothing of it was kept."
        case .damagedArchive(let file, let reason): "\(file) is damaged: \(reason)."
        case .noSpace(let folder, let needs, let has):
            "There is not enough room in \(folder): \(ByteText.of(needs)) are needed, \(ByteText.of(has)) are free."
        case .cannotWrite(let path, let reason): "\(path) cannot be written: \(reason)."
        }
    }

    /// Whether what came so far is of use to the same command later.
    var leavesParts: Bool {
        switch self {
        case .overloaded, .askedToWait, .cut, .noSpace, .cannotWrite, .refused: true
        default: false
        }
    }

    /// Whether the command line was wrong, and not the world.
    package var isUsage: Bool {
        switch self {
        case .notUnderstood, .noSuchPath, .needsHash, .badHash, .badName, .unknown, .choose, .noAddress: true
        default: false
        }
    }

    /// How to mend it.
    package var hint: String? {
        switch self {
        case .needsHash: "add --sha256 HASH, which whoever publishes the file tells"
        case .notUnderstood:
            "distnb models add takes a path, owner/name on Hugging Face, an https URL, or a name that it knows"
        case .badName, .nameTaken: "choose a name with --name; or --force puts the new one in its place"
        case .busyElsewhere: "wait for it, or end it"
        case .refused(_, _, _, true): "ask for access on the model's page, with the account that the token is of"
        case .refused(_, _, _, false):
            "private or gated: accept its terms on its page, then set HF_TOKEN to a token of your account"
        case .overloaded, .askedToWait, .cut: "the same command goes on where it stopped"
        case .noHash: "add --sha256 HASH"
        case .noLibrary: "install libcurl (Debian: libcurl4)"
        case .noSpace: "free some room, or set DISTNB_HOME to a folder on a larger disk"
        case .wrongHash, .wrongSize: "try once more; if it stays so, tell whoever publishes the file"
        case .openConnection: "use an https address"
        default: nil
        }
    }
}

/// Numbers of bytes for people.
package enum ByteText {
    /// "93 MB", "1.2 GB", "840 kB": in powers of 1,000, as disks and downloads are counted.
    package static func of(_ bytes: Int) -> String {
        let value = Double(max(0, bytes))
        if value < 999.5 { return "\(Int(value)) bytes" }
        if value < 999_500 { return "\(Int((value / 1e3).rounded())) kB" }
        if value < 999.5e6 { return "\(Int((value / 1e6).rounded())) MB" }
        return "\(Number.fixed(value / 1e9, decimals: 1)) GB"
    }

    /// "41 MB of 98 MB", or "41 MB" where the whole is not known.
    static func of(_ part: Int, _ whole: Int?) -> String { of(part) + (whole.map { " of \(of($0))" } ?? "") }
}
