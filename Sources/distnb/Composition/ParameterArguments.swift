internal import Foundation
internal import PipelineRuntime
internal import Tables

/// `-p name=value`, several.
struct ParameterArguments {
    private(set) var bindings: Bindings = [:]

    /// A value that is JSON (a number, true, a list) is taken as such; a path to a file that is there is made absolute,
    /// which also grants the notebook to read it; everything else is text.
    init(_ arguments: [String]) throws {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Refusal("Expected -p name=value, found -p \(argument).", isUsage: true)
            }
            bindings[parts[0]] = Self.value(parts[1])
        }
    }

    private static func value(_ text: String) -> Value {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: text, isDirectory: &isFolder), !isFolder.boolValue {
            return .string(URL(fileURLWithPath: text).standardizedFileURL.path)
        }
        if let value = try? JSON.parse(text), value.text == nil { return value }
        return .string(text)
    }
}
