public import PipelineSyntax
public import Tables

/// An `fn` with the values of the names that its body mentions.
public struct FunctionValue: Sendable {
    public let definition: FunctionDefinition
    public let source: SourceText
    let bindings: Bindings

    init(_ definition: FunctionDefinition, source: SourceText, bindings: Bindings) {
        self.definition = definition
        self.source = source
        var needed = definition.body.mentionedNames
        for parameter in definition.parameters { needed.formUnion(parameter.defaultValue?.mentionedNames ?? []) }
        self.bindings = bindings.filter { needed.contains($0.key) }
    }

    /// What is known of it before running.
    public var type: StaticType {
        .function(
            .init(
                parameters: definition.parameters.map(\.name),
                required: definition.parameters.count { $0.defaultValue == nil }, result: .any))
    }
}

extension FunctionValue: DomainValue {
    public static let tag = "function"

    public var kindName: String { "an fn" }

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        try CodeState.encode(
            code: source.text(of: definition.span), name: source.name, bindings: bindings, with: &encoder)
    }

    /// Reads the saved state.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        let (program, bindings) = try CodeState.decode(state, codec: codec, blobs: blobs)
        guard case .function(let definition)? = program.statements.first else {
            throw StateError("an fn whose code cannot be read")
        }
        return .domain(FunctionValue(definition, source: program.source, bindings: bindings))
    }
}
