public import Tables

/// One page about a distillation, made from a saved notebook without running anything: how good the trained model is,
/// what it took, where it fails, and how to see for oneself.
public struct Card: Sendable {
    /// A part of the page.
    public struct Section: Sendable {
        /// nil for the one at the top.
        public let title: String?
        public let blocks: [Block]

        public init(_ title: String?, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    public enum Block: Sendable {
        /// A paragraph.
        case text(String)
        /// The sentence that all is about.
        case verdict(String)
        /// What must not be overlooked.
        case warning(String)
        case table(TablePresentation)
        case chart(Chart)
        /// A line to type.
        case command(String)
    }

    /// What the page is called.
    public let title: String
    public let sections: [Section]

    public init(title: String, sections: [Section]) {
        self.title = title
        self.sections = sections
    }
}

/// Why there is no card, and what to do about it.
public struct CardError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    public let hint: String?

    public init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}
