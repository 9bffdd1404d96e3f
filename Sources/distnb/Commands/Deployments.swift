internal import ArgumentParser
internal import Distillation
internal import Foundation
internal import OpenAIWire
internal import OrderedCollections
internal import RemoteModels
internal import Rendering
internal import Tables
internal import Terminal

struct Deployments: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List and delete the deployments that fine-tuning made on Azure, which cost by the hour.",
        discussion: """
            Azure deletes a deployment of a fine-tuned model by itself when nobody asks it for 15 days. The model stays \
            and costs nothing; create deploys it again. The account and the token are the kernel's: \
            metadata.distnb.deployment in its kernel.json. Exit codes: 0 fine, 1 it did not work, 2 usage.
            """,
        subcommands: [List.self, Create.self, Delete.self], defaultSubcommand: List.self)

    /// What all of them take.
    struct Options: ParsableArguments {
        @Option(name: .shortAndLong, help: "The kernel whose account is looked at.")
        var kernel = "azure"

        @OptionGroup var output: OutputOptions

        /// - Throws: `Refusal` where the kernel deploys nothing.
        func account() throws -> ModelDeployments {
            let profile: KernelProfile
            do {
                profile = try KernelFolders.profile(named: kernel)
            } catch let error as KernelError {
                throw Refusal(error.description)
            }
            guard let settings = profile.service?.deployment else {
                throw Refusal(
                    "The kernel \(kernel) deploys nothing: its kernel.json names no metadata.distnb.deployment.")
            }
            Interrupts.install()
            return ModelDeployments(
                settings, kernel: kernel,
                surroundings: Secrets.surroundings)
        }

        /// Runs what asks the account; its failures become refusals.
        func asking<Outcome>(_ work: (ModelDeployments) throws -> Outcome) throws -> Outcome {
            do {
                return try work(try account())
            } catch let error as ProviderError {
                throw Refusal(error.description + (error.hint.map { "\nHint: \($0)" } ?? ""))
            } catch is Interrupted {
                throw ExitCode(130)
            }
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the deployments that distnb made.")

        @Flag(help: "Also those that others made.")
        var all = false

        @Option(help: ArgumentHelp("How they are printed: text or json.", valueName: "format"))
        var format: Format = .text

        @OptionGroup var options: Options

        func run() throws {
            let console = options.output.console
            let found = try options.asking { try $0.all(cancellation: Interrupts.cancellation) }
            let shown = found.filter { all || $0.name.map(DeploymentName.isOurs) == true }
            guard format == .text else {
                return console.print(JSON.text(["deployments": .list(shown.map(\.json))], .readable))
            }
            guard !shown.isEmpty else {
                let others = found.isEmpty ? "" : " \(found.count) of others' are there; --all shows them."
                return console.print("There are no deployments that distnb made.\(others)")
            }
            let rows = shown.map { deployment in
                [
                    deployment.name ?? "?", deployment.model ?? "?",
                    [deployment.sku, deployment.capacity.map(String.init)].compactMap(\.self).joined(separator: " × "),
                    deployment.state?.rawValue.lowercased() ?? "?",
                ]
            }
            for line in Self.table([["name", "model", "sku", "state"]] + rows) { console.print(line) }
            console.print(
                "Each of a fine-tuned model costs by the hour, asked or not. distnb deployments delete NAME ends that; the model stays."
            )
        }

        /// Lines with columns below each other. Names are never cut, as they are what is typed.
        private static func table(_ rows: [[String]]) -> [String] {
            let count = rows.map(\.count).max() ?? 0
            let widths = (0..<count).map { column in
                rows.map { $0.indices.contains(column) ? TextWidth.of($0[column]) : 0 }.max() ?? 0
            }
            return rows.map { row in
                var line = zip(row, widths).map { TextWidth.fill($0, to: $1, right: false) }.joined(separator: "  ")
                while line.last == " " { line.removeLast() }
                return line
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deploy a fine-tuned model again, under a name that a notebook knows.",
            discussion: "A notebook tells both: model and deployment of `tuned.options`.")

        @ArgumentParser.Argument(help: "The deployment's name: distnb-…")
        var name: String

        @ArgumentParser.Argument(help: "The fine-tuned model's name: gpt-4.1-mini-2025-04-14.ft-…")
        var model: String

        @OptionGroup var options: Options

        func run() throws {
            let console = options.output.console
            guard DeploymentName.isOurs(name) else { throw DeploymentRefusal.notOurs(name) }
            try options.asking { account in
                try account.deploy(model, as: name, cancellation: Interrupts.cancellation) { state in
                    console.printError("\(name): \(state)")
                }
            }
            console.print(
                "\(model) is deployed as \(name), which costs by the hour. distnb deployments delete \(name) --kernel \(options.kernel)"
            )
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete deployments; their models stay.")

        @ArgumentParser.Argument(help: "Their names, as list tells them.")
        var names: [String] = []

        @Flag(name: .customLong("all"), help: "All that distnb made.")
        var all = false

        @OptionGroup var options: Options

        func validate() throws {
            guard all != !names.isEmpty else {
                throw ValidationError(
                    all ? "Name deployments, or say --all; not both." : "Name the deployments, or say --all.")
            }
            if let other = names.first(where: { !DeploymentName.isOurs($0) }) { throw DeploymentRefusal.notOurs(other) }
        }

        func run() throws {
            let console = options.output.console
            try options.asking { account in
                let names =
                    all
                    ? try account.all(cancellation: Interrupts.cancellation).compactMap(\.name)
                        .filter(DeploymentName.isOurs) : names
                if names.isEmpty { console.print("There are no deployments that distnb made.") }
                for name in names {
                    console.print(
                        try account.delete(name)
                            ? "\(name) is deleted; its model stays." : "There is no deployment \(name).")
                }
            }
        }
    }
}

enum DeploymentRefusal {
    /// A deployment that somebody else made, whom nobody asked.
    static func notOurs(_ name: String) -> Refusal {
        Refusal(
            "\(name) is none of distnb's deployments, whose names begin with \(DeploymentName.prefix); Azure's own pages are for the others.",
            isUsage: true)
    }
}
