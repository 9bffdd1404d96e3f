// swift-tools-version: 6.1
import PackageDescription

// One target per wall: a target exists to keep a dependency out of the rest, or to be used alone.
// docs/architecture.md shows the house; dependencies run one way, as listed here.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

func library(_ name: String, needs: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: needs, swiftSettings: strict)
}

func tests(
    _ name: String, needs: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: needs, exclude: exclude, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "distnb",
    products: [.executable(name: "distnb", targets: ["distnb"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        .systemLibrary(name: "CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "CMarkdown", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "CSIMD"),
        .target(name: "CCurl"),

        library("Tables", needs: ["CZlib", collections, crypto]),
        library("PipelineSyntax", needs: []),
        library("Jinja", needs: []),
        library("Distillation", needs: ["Tables", collections, crypto]),
        library(
            "LanguageModel",
            needs: ["Distillation", "Tables", "Jinja", "COpenBLAS", "CPCRE2", "CSIMD", collections, crypto]),
        library(
            "ModelLibrary",
            needs: ["LanguageModel", "Distillation", "Tables", "CCurl", "CZlib", collections, crypto]),
        library("OpenAIWire", needs: ["Tables", collections]),
        library("RemoteModels", needs: ["Distillation", "OpenAIWire", "Tables", "CCurl", collections, crypto]),
        library(
            "CompletionStore",
            needs: ["Distillation", "Tables", collections, .product(name: "GRDB", package: "GRDB.swift")]),
        library("PipelineRuntime", needs: ["Tables", "PipelineSyntax", collections]),
        library(
            "Verbs",
            needs: [
                "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation", "OpenAIWire", "CPCRE2", collections,
                crypto,
            ]),
        library("Rendering", needs: ["Tables", "PipelineSyntax", "CCairo", "CMarkdown", collections]),
        library(
            "Notebook",
            needs: [
                "Verbs", "Rendering", "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation", collections,
                crypto,
            ]),
        library(
            "Terminal",
            needs: [
                "Notebook", "Verbs", "Rendering", "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation",
                "CEditLine",
            ]),
        library(
            "LanguageServer",
            needs: [
                "Notebook", "Verbs", "Rendering", "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation",
                collections,
            ]),
        .executableTarget(
            name: "distnb",
            dependencies: [
                "LanguageServer", "Terminal", "Notebook", "Rendering", "Verbs", "PipelineRuntime", "PipelineSyntax",
                "Tables",
                "Distillation", "LanguageModel", "ModelLibrary", "OpenAIWire", "RemoteModels", "CompletionStore",
                collections,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        tests("TablesTests", needs: ["Tables", "SeededRandom", collections]),
        tests("PipelineSyntaxTests", needs: ["PipelineSyntax", "SeededRandom"]),
        tests("JinjaTests", needs: ["Jinja", "Tables", "SeededRandom"], resources: [.copy("Fixtures")]),
        tests("RenderingTests", needs: ["Rendering", "PipelineSyntax", "Tables", collections]),
        tests(
            "PipelineRuntimeTests",
            needs: [
                "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation", "Verbs", "Rendering", "Notebook",
                "SeededRandom", collections,
            ], exclude: ["Mistakes", "Programs"]),
        tests(
            "LanguageModelTests", needs: ["LanguageModel", "Distillation", "Tables", "CSIMD", crypto],
            resources: [.copy("Fixtures")]),
        tests(
            "OpenAIWireTests", needs: ["OpenAIWire", "Tables", "SeededRandom", collections],
            resources: [.copy("Fixtures")]),
        tests(
            "RemoteModelsTests",
            needs: [
                "RemoteModels", "Distillation", "OpenAIWire", "ServiceDouble", "LoopbackServer", "SeededRandom",
                "Tables", collections,
            ], exclude: ["Faults"]),
        tests(
            "CompletionStoreTests",
            needs: ["CompletionStore", "Distillation", "Tables", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "DistillationTests", needs: ["Distillation", "Tables", collections], resources: [.copy("Fixtures")]),
        tests(
            "NotebookTests",
            needs: [
                "Notebook", "Verbs", "PipelineRuntime", "PipelineSyntax", "Rendering", "Tables", "Distillation",
                "CompletionStore", "SeededRandom", collections,
            ]),
        tests(
            "LanguageServerTests",
            needs: [
                "LanguageServer", "Notebook", "Verbs", "PipelineRuntime", "PipelineSyntax", "Tables", "Distillation",
                "SeededRandom", collections,
            ]),
        .target(name: "LoopbackServer", path: "Tests/LoopbackServer", swiftSettings: strict),
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
        .target(
            name: "ServiceDouble", dependencies: ["Tables", "SeededRandom", collections], path: "Tests/ServiceDouble",
            swiftSettings: strict),
        .executableTarget(
            name: "service-double",
            dependencies: ["ServiceDouble", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "benchmarks/remote/ServiceDoubleCommand", swiftSettings: strict),
        tests("ServiceDoubleTests", needs: ["ServiceDouble", "Tables", collections]),
        tests(
            "ModelLibraryTests",
            needs: ["ModelLibrary", "LanguageModel", "LoopbackServer", "Distillation", "Tables", collections, crypto]),
        tests("EndToEndTests", needs: ["Tables", "LoopbackServer", "ServiceDouble", "SeededRandom"]),
    ],
    swiftLanguageModes: [.v6]
)
