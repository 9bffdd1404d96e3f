internal import Tables

/// What our deployments are called: so that they are told from others', and a restart finds its own.
package enum DeploymentName {
    /// What the names of all our deployments begin with.
    package static let prefix = "distnb-"

    /// The name for the model of a job, always the same one. Legal are letters, digits, `-`, `_` and `.`, 2 to 64 of them
    /// (Microsoft's REST reference of account management, deployment names).
    static func of(job: String) -> String {
        let legal = job.unicodeScalars.filter { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "-"
        }
        let text = String(String.UnicodeScalarView(legal))
        // What is cut or left out could make two jobs one.
        let isWhole = text == job && !text.isEmpty && prefix.count + text.count <= 64
        return prefix + (isWhole ? text : String(SHA256Name.of(job).prefix(32)))
    }

    /// Whether a deployment is one of ours.
    package static func isOurs(_ name: String) -> Bool { name.hasPrefix(prefix) }
}
