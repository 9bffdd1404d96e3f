/// Colours that people with any kind of colour vision tell apart, one a series, the same in all drawings.
///
/// Source: Okabe and Ito, "Color Universal Design", 2008; without black and yellow, which do not suit a white page.
enum ChartPalette {
    /// `#RRGGBB`.
    static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]

    /// A series' colour; more series than colours begin again.
    static func colour(_ series: Int) -> String { colours[series % colours.count] }
}
