package import Foundation

/// Where a model is to come from, as it is typed after `distnb models add`.
package enum ModelSource: Sendable, Hashable {
    /// A GGUF file, or a folder as Hugging Face has it.
    case path(String)
    case repository(HubReference)
    case address(URL)
    case known(KnownModels.Entry)

    /// - Parameters:
    ///   - hub: the hub's address, so that its pages are known.
    ///   - closest: finds the name that was probably meant.
    /// - Throws: `ModelLibraryError`.
    package init(
        _ text: String, hub: URL, known: KnownModels, closest: (String, [String]) -> String?
    ) throws {
        if let scheme = URL(string: text)?.scheme?.lowercased(), scheme == "https" || scheme == "http" {
            guard let url = URL(string: text), let origin = Origin(url) else {
                throw ModelLibraryError.notUnderstood(text: text, suggestion: nil, builtIn: [])
            }
            if let reference = HubReference(text, hub: hub) {
                self = .repository(reference)
            } else if origin.isPrivate {
                self = .address(url)
            } else {
                throw ModelLibraryError.openConnection(url: text)
            }
            return
        }
        let path = text.hasPrefix("~/") ? NSString(string: text).expandingTildeInPath : text
        if FileManager.default.fileExists(atPath: path) {
            self = .path(path)
        } else if text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~") {
            throw ModelLibraryError.noSuchPath(path: text)
        } else if let entry = known.entry(named: text) {
            self = .known(entry)
        } else if let reference = HubReference(text, hub: hub) {
            self = .repository(reference)
        } else {
            let names = known.entries.flatMap { [$0.alias, $0.name] }
            throw ModelLibraryError.notUnderstood(text: text, suggestion: closest(text, names), builtIn: names)
        }
    }
}
