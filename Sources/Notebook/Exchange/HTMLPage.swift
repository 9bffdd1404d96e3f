internal import Rendering

/// The frame of a page that needs nothing else: no script, no font, no network.
enum HTMLPage {
    /// The page's text.
    /// - Parameters:
    ///   - title: what the browser calls it.
    ///   - main: HTML that is safe already.
    static func text(title: String, main: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="referrer" content="no-referrer">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="distnb">
        <title>\(HTMLText.escape(title))</title>
        <style>
        \(HTMLStyle.sheet)
        </style>
        </head>
        <body>
        <main>
        \(main)
        </main>
        </body>
        </html>

        """
    }

    private static let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
}
