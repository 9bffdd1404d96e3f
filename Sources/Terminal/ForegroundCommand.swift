internal import Foundation

/// Runs a shell command that has the terminal to itself, such as an editor or a pager.
///
/// By `posix_spawn`: Foundation's `Process` puts its child into a process group of its own, which may not read from the
/// terminal.
enum ForegroundCommand {
    /// - Parameters:
    ///   - command: for `/bin/sh`.
    ///   - argument: what the command sees as `$1`.
    /// - Returns: the exit code; nil where the command could not be started.
    static func run(_ command: String, _ argument: String) -> Int32? {
        let words = ["sh", "-c", command, "sh", argument]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        // Ctrl-C is the command's while it runs; the child gets the default back.
        var ignored = sigaction()
        var before = sigaction()
        ignored.__sigaction_handler.sa_handler = SIG_IGN
        sigaction(SIGINT, &ignored, &before)
        defer { sigaction(SIGINT, &before, nil) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/sh", nil, &attributes, arguments, environ) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            if errno != EINTR { return nil }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
