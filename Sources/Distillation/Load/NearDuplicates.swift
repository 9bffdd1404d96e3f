internal import Foundation

/// Finds texts that are nearly the same as an earlier one, without comparing all pairs.
///
/// Two texts are as similar as the Jaccard index of their sets of shingles: runs of five code points of the
/// normalised text. MinHash signatures (Broder, "On the resemblance and containment of documents", 1997) cut into
/// bands (Indyk and Motwani, "Approximate nearest neighbors", 1998) propose pairs, and each proposal is verified on
/// the shingles themselves: what is reported is similar, and a pair at the threshold is missed with a probability
/// of at most 1 in 10,000. The hash functions are fixed, so that the same texts give the same answer everywhere.
public struct NearDuplicates {
    /// A text that was like an earlier one.
    public struct Finding: Sendable, Equatable {
        /// The number that the caller gave to the earlier text.
        public let original: Int
        /// From the threshold to 1.
        public let similarity: Double
    }

    private static let shingleLength = 5
    private static let missProbability = 1e-4
    private static let signatureLimit = 160

    private let threshold: Double
    private let rowsPerBand: Int
    private let bands: Int
    /// The hash functions x · factor + offset, eight at a time.
    private let factors: [SIMD8<UInt32>]
    private let offsets: [SIMD8<UInt32>]
    /// The last kept text of each band's piece, as an entry of `previous`.
    private var heads: [UInt64: Int32] = [:]
    /// For each kept text and band, the entry before it with the same piece; -1 for none.
    private var previous: [Int32] = []
    private var kept: [(number: Int, shingles: [UInt64])] = []
    /// Kept texts by what they are once normalised: most duplicates are exact.
    private var exact: [String: Int] = [:]
    private var signature: [SIMD8<UInt32>]

    /// - Parameter similarity: the least similarity of duplicates, above 0, at most 1: equal once normalised.
    public init(similarity: Double) {
        threshold = similarity
        (rowsPerBand, bands) = Self.shape(similarity)
        var random = RandomStream(seed: 0x6D69_6E68_6173_6831)
        let blocks = (rowsPerBand * bands + 7) / 8
        func numbers(_ change: (UInt32) -> UInt32) -> [SIMD8<UInt32>] {
            (0..<blocks).map { _ in
                var block = SIMD8<UInt32>()
                for lane in block.indices { block[lane] = change(UInt32(truncatingIfNeeded: random.next())) }
                return block
            }
        }
        factors = numbers { $0 | 1 }
        offsets = numbers { $0 }
        signature = Array(repeating: SIMD8(repeating: .max), count: blocks)
    }

    /// Takes the next text: the earlier one that it is like, or nil, in which case later ones are held against it.
    public mutating func add(_ text: String, number: Int) -> Finding? {
        let normal = Self.normalised(text)
        if let original = exact[normal] { return Finding(original: original, similarity: 1) }
        guard threshold < 1 else {
            exact[normal] = number
            return nil
        }
        let shingles = Self.shingles(normal)
        sign(shingles)
        let pieces = (0..<bands).map { piece($0) }
        if let found = nearest(shingles, pieces, limit: .max) { return found }
        keep(normal, shingles, pieces, number: number)
        return nil
    }

    /// Keeps a text that others are held against, also where it is like an earlier one.
    public mutating func insert(_ text: String, number: Int) {
        let normal = Self.normalised(text)
        guard exact[normal] == nil else { return }
        guard threshold < 1 else {
            exact[normal] = number
            return
        }
        let shingles = Self.shingles(normal)
        sign(shingles)
        keep(normal, shingles, (0..<bands).map { piece($0) }, number: number)
    }

    /// The text that was inserted and that this one is most like; nil where it is like none.
    ///
    /// No more than so many proposals are looked at, so that thousands of texts of one pattern cost no more than others.
    /// Where there are more, nearly all of them are similar, and any will do.
    public mutating func nearest(to text: String, proposals limit: Int = 64) -> Finding? {
        let normal = Self.normalised(text)
        if let original = exact[normal] { return Finding(original: original, similarity: 1) }
        guard threshold < 1 else { return nil }
        let shingles = Self.shingles(normal)
        sign(shingles)
        return nearest(shingles, (0..<bands).map { piece($0) }, limit: limit)
    }

    private func nearest(_ shingles: [UInt64], _ pieces: [UInt64], limit: Int) -> Finding? {
        var compared: Set<Int> = []
        var best: (place: Int, similarity: Double)?
        for piece in pieces {
            var entry = heads[piece] ?? -1
            while entry >= 0, compared.count < limit {
                let place = Int(entry) / bands
                entry = previous[Int(entry)]
                guard compared.insert(place).inserted else { continue }
                let similarity = Self.jaccard(shingles, kept[place].shingles, atLeast: threshold)
                guard similarity >= threshold else { continue }
                // Of equally similar texts the earliest is named.
                if let known = best, (known.similarity, -known.place) >= (similarity, -place) { continue }
                best = (place, similarity)
            }
        }
        return best.map { Finding(original: kept[$0.place].number, similarity: $0.similarity) }
    }

    private mutating func keep(_ normal: String, _ shingles: [UInt64], _ pieces: [UInt64], number: Int) {
        exact[normal] = number
        for piece in pieces {
            let entry = Int32(truncatingIfNeeded: previous.count)
            previous.append(heads.updateValue(entry, forKey: piece) ?? -1)
        }
        kept.append((number, shingles))
    }

    /// How similar two texts are, from 0 to 1: the Jaccard index of their shingles.
    public static func similarity(_ left: String, _ right: String) -> Double {
        let (one, two) = (normalised(left), normalised(right))
        return one == two ? 1 : jaccard(shingles(one), shingles(two), atLeast: 0)
    }

    /// The text in lower case, in Unicode's form NFKC, with single blanks between words and none around.
    public static func normalised(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            return text.precomposedStringWithCompatibilityMapping.lowercased().split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var isBetweenWords = false
        for byte in bytes {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                isBetweenWords = !plain.isEmpty
            } else {
                if isBetweenWords { plain.append(0x20) }
                isBetweenWords = false
                plain.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Signature rows a band, and bands: as many rows as the miss probability allows, since they spare comparisons.
    static func shape(_ similarity: Double) -> (rows: Int, bands: Int) {
        var shape = (rows: 1, bands: signatureLimit)
        for rows in 1...16 {
            let agreement = pow(similarity, Double(rows))
            let bands = agreement < 1 ? Int((log(missProbability) / log(1 - agreement)).rounded(.up)) : 1
            if bands >= 1, rows * bands <= signatureLimit { shape = (rows, bands) }
        }
        return shape
    }

    /// The hashes of a text's shingles, sorted, each once; a shorter text is one shingle.
    static func shingles(_ text: String) -> [UInt64] {
        let points = text.unicodeScalars.map { UInt64($0.value) }
        var hashes: [UInt64] = []
        hashes.reserveCapacity(points.count)
        for start in 0...max(0, points.count - shingleLength) {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for point in points[start..<min(start + shingleLength, points.count)] { hash = mixed(hash ^ point) }
            hashes.append(hash)
        }
        hashes.sort()
        var unique: [UInt64] = []
        unique.reserveCapacity(hashes.count)
        for hash in hashes where unique.last != hash { unique.append(hash) }
        return unique
    }

    /// The share of common elements of two sorted sets; 0 as soon as it cannot reach a bound.
    static func jaccard(_ left: [UInt64], _ right: [UInt64], atLeast bound: Double) -> Double {
        let (few, many) = (min(left.count, right.count), max(left.count, right.count))
        guard many > 0, Double(few) >= bound * Double(many) else { return 0 }
        // |A ∩ B| / |A ∪ B| ≥ t needs |A ∩ B| ≥ t / (1 + t) · (|A| + |B|).
        let needed = Int((bound / (1 + bound) * Double(left.count + right.count) - 1e-6).rounded(.up))
        var (i, j, common) = (0, 0, 0)
        while i < left.count, j < right.count {
            if left[i] == right[j] {
                common += 1
                i += 1
                j += 1
                continue
            }
            if left[i] < right[j] { i += 1 } else { j += 1 }
            if common + min(left.count - i, right.count - j) < needed { return 0 }
        }
        return Double(common) / Double(left.count + right.count - common)
    }

    /// The finaliser of MurmurHash3, which spreads every bit over all others.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        x = (x ^ (x >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return x ^ (x >> 33)
    }

    /// The least value of each hash function over the shingles.
    private mutating func sign(_ shingles: [UInt64]) {
        factors.withUnsafeBufferPointer { factors in
            offsets.withUnsafeBufferPointer { offsets in
                signature.withUnsafeMutableBufferPointer { signature in
                    for place in signature.indices { signature[place] = SIMD8(repeating: .max) }
                    for shingle in shingles {
                        let x = SIMD8(repeating: UInt32(truncatingIfNeeded: shingle))
                        for place in signature.indices {
                            let hash = x &* factors[place] &+ offsets[place]
                            signature[place].replace(with: hash, where: hash .< signature[place])
                        }
                    }
                }
            }
        }
    }

    /// A band's part of the signature as one number.
    private func piece(_ band: Int) -> UInt64 {
        var hash = Self.mixed(UInt64(band) + 1)
        for place in (band * rowsPerBand)..<((band + 1) * rowsPerBand) {
            hash = Self.mixed(hash ^ UInt64(signature[place / 8][place % 8]))
        }
        return hash
    }
}
