package import Foundation

/// The servers that the environment may replace by a mirror.
package enum Endpoints {
    /// `HF_ENDPOINT`, or Hugging Face.
    /// - Throws: `ModelLibraryError.noAddress`.
    package static func hub(_ text: String?) throws -> URL {
        try address(text, of: "HF_ENDPOINT", standard: "https://huggingface.co")
    }

    /// `PIP_INDEX_URL`, or PyPI.
    /// - Throws: `ModelLibraryError.noAddress`.
    package static func packageIndex(_ text: String?) throws -> URL {
        try address(text, of: "PIP_INDEX_URL", standard: "https://pypi.org/simple")
    }

    /// Without slashes at its end.
    private static func address(_ text: String?, of variable: String, standard: String) throws -> URL {
        var trimmed = text.flatMap { $0.isEmpty ? nil : $0 } ?? standard
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let url = URL(string: trimmed), Origin(url) != nil else {
            throw ModelLibraryError.noAddress(variable: variable, text: trimmed, standard: standard)
        }
        return url
    }
}
