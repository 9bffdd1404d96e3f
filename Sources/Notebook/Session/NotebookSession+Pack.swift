internal import Foundation
internal import OrderedCollections
internal import Tables
internal import Verbs

extension NotebookSession {
    /// Puts every blob that the state refers to into the file itself, so that it can travel alone.
    /// - Returns: how many blobs and bytes are in it, and which were nowhere to be found.
    public func pack() throws -> (count: Int, bytes: Int, missing: [String]) {
        try takeLock()
        var packed = Record()
        var bytes = 0
        var missing: [String] = []
        for name in document.blobReferences.sorted() {
            guard let blob = try? lab.blobs.get(name) else {
                missing.append(name)
                continue
            }
            bytes += blob.count
            packed[name] = .string(Data(blob).base64EncodedString())
        }
        document.packedBlobs = packed
        try save()
        return (packed.count, bytes, missing)
    }

    /// A packed file stays one: what its state no longer refers to goes, what it newly refers to comes in.
    func keepPackedBlobsRight() {
        let needed = document.blobReferences
        var packed = document.packedBlobs.filter { needed.contains($0.key) }
        for name in needed.sorted() where packed[name] == nil {
            if let blob = try? lab.blobs.get(name) { packed[name] = .string(Data(blob).base64EncodedString()) }
        }
        if packed != document.packedBlobs { document.packedBlobs = packed }
    }

    /// Takes the blobs out of the file, into the folder beside it.
    /// - Returns: how many there were.
    /// - Throws: `BlobError` where one is damaged or cannot be written; then the file is as it was.
    public func unpack() throws -> Int {
        try takeLock()
        let packed = document.packedBlobs
        // Through get and put: what is damaged is found here.
        for name in packed.keys { _ = try lab.blobs.put(try lab.blobs.get(name)) }
        document.packedBlobs = [:]
        try save()
        return packed.count
    }
}
