public import Distillation
public import Foundation
internal import Tables

/// Teachers' probabilities in a folder, one folder a group and one file a part.
///
/// They can be removed at any time: what is missing is computed again.
public struct SoftLabelFolder: SoftLabelStoring {
    private static let ending = ".labels"
    private let folder: String

    public init(folder: String) { self.folder = folder }

    public func parts(of group: String) -> [Data] {
        let path = "\(folder)/\(group)"
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().compactMap { name in
            guard name.hasSuffix(Self.ending), StateFolder.isRegularFile("\(path)/\(name)") else { return nil }
            return try? Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"), options: .alwaysMapped)
        }
    }

    /// A part is named by its bytes: the same labels computed again take no more room.
    /// - Throws: `FileError` where the disk is full or may not be written.
    public func add(_ part: Data, to group: String) throws {
        let path = "\(folder)/\(group)"
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileError(.cannotWrite, path: path, detail: "\(path) cannot be made.")
        }
        try AtomicFile.replace("\(path)/\(SHA256Name.of(part))\(Self.ending)", withPieces: [part])
    }
}
