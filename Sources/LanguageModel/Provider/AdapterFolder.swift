internal import Distillation
internal import Foundation
internal import Tables

/// The adapters that a kernel, or the kernel it extends, ships beside its `kernel.json`.
struct AdapterFolder {
    let paths: [String]

    /// The SHA-256 of an adapter's file; it takes 5 MB at most, so it is read each time.
    func hash(of name: String) throws -> String { SHA256Name.of(try bytes(of: name)) }

    /// - Throws: `ProviderError`, `WeightsError`, `EngineError.adapterMismatch`.
    func adapter(_ name: String, for shape: ModelConfiguration) throws -> LoRAAdapter {
        do {
            return try LoRAAdapter(decoding: try bytes(of: name), for: shape, name: name)
        } catch let error as WeightsError {
            throw ProviderError(error.description, hint: "check the kernel out whole, with its adapters")
        }
    }

    private func bytes(of name: String) throws -> Data {
        let places = name.contains("/") ? [] : paths.map { "\($0)/\(name)" }
        guard let bytes = places.lazy.compactMap({ FileManager.default.contents(atPath: $0) }).first else {
            throw ProviderError(
                "The kernel's adapter \(name) is not in \(paths.joined(separator: ", ")).",
                hint: "check the kernel out whole, with its adapters"
            )
        }
        return bytes
    }
}

extension Lineage {
    /// Where a trained model's file keeps the hashes of the rows that it was trained on.
    static let metadataKey = "distnb.trained_on"

    /// What an adapter says that it was trained on.
    init(adapter: LoRAAdapter) {
        self.init(trainedOn: adapter.metadata[Self.metadataKey] ?? "", in: "its kernel's recipe")
    }

    /// - Parameter trainedOn: hashes of rows, parted by blanks; empty for a model that was not trained.
    init(trainedOn: String, in place: String) {
        let hashes = trainedOn.split(separator: " ").map { RowHash(text: String($0)) }
        self.init(rows: Set(hashes), trainedIn: hashes.isEmpty ? nil : place)
    }
}
