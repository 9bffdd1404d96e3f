/// Colours that people with any kind of colour vision tell apart, one a series, the same in all drawings.
///
/// Source: Okabe and Ito, "Color Universal Design", 2008; without black and yellow, which do not suit a white page.
enum ChartPalette {
    /// `#RRGGBB`.
    static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]

    /// A series' colour; more series than colours begin again.
    static func colour(_ series: Int) -> String { colours[series % colours.count] }
}

extension ChartPalette {
    /// The colour of a share from 0 to 1: from white to a dark blue, darker and darker, so that greys say the same.
    static func shade(_ share: Double) -> String {
        let steps = [(1.0, 1.0, 1.0), (0.62, 0.79, 0.91), (0.19, 0.51, 0.74), (0.03, 0.27, 0.52)]
        let place = min(1, max(0, share)) * Double(steps.count - 1)
        let index = min(steps.count - 2, Int(place))
        let (low, high, part) = (steps[index], steps[index + 1], place - Double(index))
        func hex(_ a: Double, _ b: Double) -> String {
            let digits = String(Int(((a + (b - a) * part) * 255).rounded()), radix: 16, uppercase: true)
            return digits.count < 2 ? "0" + digits : digits
        }
        return "#\(hex(low.0, high.0))\(hex(low.1, high.1))\(hex(low.2, high.2))"
    }

    /// Whether white is read better than black on a shade.
    static func isDark(_ share: Double) -> Bool { share > darkest }

    /// The share above which a shade is dark: black and white have about the same contrast there.
    static let darkest = 0.7
}
