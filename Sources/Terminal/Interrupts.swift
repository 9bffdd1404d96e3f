public import Distillation
internal import Foundation
internal import Synchronization

/// Ctrl-C: asked once, the work stops where nothing is lost; asked again, the program ends.
public enum Interrupts {
    private static let requests = Atomic<Int>(0)

    /// Listens to SIGINT. The handler is without SA_RESTART, so that a waiting line editor comes back.
    public static func install() {
        // Touched here, so that the handler never initialises anything.
        _ = requests.load(ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            if Interrupts.requests.wrappingAdd(1, ordering: .relaxed).newValue >= 3 { _exit(130) }
        }
        sigemptyset(&action.sa_mask)
        action.sa_flags = 0
        sigaction(SIGINT, &action, nil)
        // Whoever started the program may have had it blocked, and that is inherited.
        var interrupt = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
        // A reader that goes away (`distnb run F | head`) must not end the run.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether Ctrl-C was pressed since the last `forget`.
    public static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    /// Starts anew.
    public static func forget() { requests.store(0, ordering: .relaxed) }

    /// For the core, which knows no signals.
    public static let cancellation = Cancellation { isRequested }
}
