/// Reads a GGUF header field by field, checking every length against what is left of the file.
struct GGUFCursor {
    let file: MappedFile
    private(set) var offset: UInt64 = 0

    init(file: MappedFile) {
        self.file = file
    }

    private var left: UInt64 { file.count - min(file.count, offset) }

    mutating func expectMagic() throws {
        let magic = try file.withBytes(at: 0, length: min(4, file.count), reading: "the first bytes") { Array($0) }
        guard magic == Array("GGUF".utf8) else {
            let bytes = magic.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            throw WeightsError.wrongFormat(
                file: file.name, expected: "GGUF",
                found: magic.isEmpty ? "nothing (it is empty)" : "the bytes \(bytes)")
        }
        offset = 4
    }

    private mutating func fixed<Value: FixedWidthInteger>(_ type: Value.Type, _ what: @autoclosure () -> String) throws
        -> Value
    {
        let size = UInt64(MemoryLayout<Value>.size)
        let value = try file.withBytes(at: offset, length: size, reading: what()) {
            Value(littleEndian: $0.loadUnaligned(as: Value.self))
        }
        offset += size
        return value
    }

    mutating func uint32(_ what: @autoclosure () -> String) throws -> UInt32 { try fixed(UInt32.self, what()) }

    mutating func uint64(_ what: @autoclosure () -> String) throws -> UInt64 { try fixed(UInt64.self, what()) }

    /// A count of things that take at least `bytesEach` bytes each, so that an absurd one is found out here.
    mutating func count(_ what: @autoclosure () -> String, bytesEach: UInt64) throws -> Int {
        let count = try uint64(what())
        let (needs, overflow) = count.multipliedReportingOverflow(by: bytesEach)
        guard !overflow, needs <= left else {
            throw WeightsError.truncated(
                file: file.name, reading: "\(what()) (\(count))", needs: overflow ? .max : needs, has: left)
        }
        return Int(count)
    }

    mutating func string(_ what: @autoclosure () -> String) throws -> String {
        let length = UInt64(try count("the length of \(what())", bytesEach: 1))
        let text = try file.withBytes(at: offset, length: length, reading: what()) {
            String(validating: $0, as: UTF8.self)
        }
        guard let text else {
            throw WeightsError.malformed(
                file: file.name, place: what(), expected: "UTF-8 text", found: "bytes that are not UTF-8")
        }
        offset += length
        return text
    }

    /// The value of the metadata entry `key`: its type, then its bytes.
    mutating func value(of key: String) throws -> GGUFValue {
        let place = "the value of `\(key)`"
        let type = try uint32("the type of \(place)")
        guard type == 9 else { return try scalar(type, place) }
        let element = try uint32("the element type of \(place)")
        return try array(of: element, place, depth: 0)
    }

    private mutating func scalar(_ type: UInt32, _ place: String) throws -> GGUFValue {
        switch type {
        case 0: .unsigned(UInt64(try fixed(UInt8.self, place)))
        case 1: .signed(Int64(try fixed(Int8.self, place)))
        case 2: .unsigned(UInt64(try fixed(UInt16.self, place)))
        case 3: .signed(Int64(try fixed(Int16.self, place)))
        case 4: .unsigned(UInt64(try fixed(UInt32.self, place)))
        case 5: .signed(Int64(try fixed(Int32.self, place)))
        case 6: .float(Double(Float(bitPattern: try fixed(UInt32.self, place))))
        case 7: .bool(try fixed(UInt8.self, place) != 0)
        case 8: .string(try string(place))
        case 10: .unsigned(try fixed(UInt64.self, place))
        case 11: .signed(try fixed(Int64.self, place))
        case 12: .float(Double(bitPattern: try fixed(UInt64.self, place)))
        default:
            throw WeightsError.malformed(
                file: file.name, place: "the type of \(place)", expected: "0 to 12", found: "\(type)")
        }
    }

    /// Bytes that one element takes at least.
    private func minimumSize(_ type: UInt32) -> UInt64 {
        switch type {
        case 0, 1, 7: 1
        case 2, 3: 2
        case 4, 5, 6: 4
        case 8, 10, 11, 12: 8
        default: 12
        }
    }

    private mutating func array(of type: UInt32, _ place: String, depth: Int) throws -> GGUFValue {
        let count = try count("the number of elements of \(place)", bytesEach: minimumSize(type))
        if type == 8 {
            var strings: [String] = []
            strings.reserveCapacity(count)
            for _ in 0..<count { strings.append(try string(place)) }
            return .strings(strings)
        }
        if type == 9 {
            // Real files nest once at most; a hostile one must not exhaust the stack.
            guard depth < 4 else {
                throw WeightsError.malformed(
                    file: file.name, place: place, expected: "lists nested at most 4 deep", found: "deeper ones")
            }
            for _ in 0..<count {
                let element = try uint32("the element type of \(place)")
                _ = try array(of: element, place, depth: depth + 1)
            }
            return .nested
        }
        var integers: [Int64] = []
        var floats: [Double] = []
        var bools: [Bool] = []
        for _ in 0..<count {
            switch try scalar(type, place) {
            case .unsigned(let value): integers.append(Int64(clamping: value))
            case .signed(let value): integers.append(value)
            case .float(let value): floats.append(value)
            case .bool(let value): bools.append(value)
            default: break
            }
        }
        return type == 7 ? .bools(bools) : type == 6 || type == 12 ? .floats(floats) : .integers(integers)
    }
}
