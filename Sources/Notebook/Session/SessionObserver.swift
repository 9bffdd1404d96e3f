public import PipelineSyntax
public import Tables

/// What a front end hears while cells run. All calls come on the thread that runs them.
public protocol SessionObserver: AnyObject {
    /// Before the first cell: how many cells will run, of how many, and about how long where that is known.
    func willRun(cells: Int, of total: Int, seconds: Double?)
    func cellDidStart(number: Int, source: String)
    /// A `let` or a remark, one line.
    func cellDidLog(_ line: String)
    /// The cell's last value.
    func cellDidShow(_ value: Value)
    func cellDidFail(_ diagnostics: [Diagnostic])
    func cellDidFinish(number: Int, seconds: Double)
    /// Mistakes in cells that are not run now, told all the same.
    func didFindMistakes(_ diagnostics: [Diagnostic])
}

extension SessionObserver {
    public func willRun(cells: Int, of total: Int, seconds: Double?) {}
    public func cellDidStart(number: Int, source: String) {}
    public func cellDidLog(_ line: String) {}
    public func cellDidShow(_ value: Value) {}
    public func cellDidFail(_ diagnostics: [Diagnostic]) {}
    public func cellDidFinish(number: Int, seconds: Double) {}
    public func didFindMistakes(_ diagnostics: [Diagnostic]) {}
}
