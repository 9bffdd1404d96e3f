internal import CCairo

/// A white image that is drawn on through Cairo, in points from the top left; several pixels make a point.
///
/// Source: Cairo's manual, https://www.cairographics.org/manual/.
final class ImageCanvas {
    /// Red, green and blue from 0 to 1.
    struct Colour {
        let red: Double
        let green: Double
        let blue: Double

        /// From `#RRGGBB`; black where the text is no colour.
        init(_ hex: String) {
            let bits = Int(hex.dropFirst(), radix: 16) ?? 0
            red = Double(bits >> 16 & 255) / 255
            green = Double(bits >> 8 & 255) / 255
            blue = Double(bits & 255) / 255
        }
    }

    /// Where a text stands, seen from its place.
    enum Alignment { case leading, centre, trailing }

    private let surface: OpaquePointer
    let context: OpaquePointer

    /// - Returns: nil where Cairo cannot make an image of that size.
    init?(width: Double, height: Double, scale: Double) {
        guard
            let surface = cairo_image_surface_create(
                CAIRO_FORMAT_RGB24, Int32((width * scale).rounded()), Int32((height * scale).rounded()))
        else { return nil }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let context = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            return nil
        }
        self.surface = surface
        self.context = context
        cairo_scale(context, scale, scale)
        cairo_set_source_rgb(context, 1, 1, 1)
        cairo_paint(context)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        // Widths that do not depend on the machine's settings for its screen.
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    // MARK: Text

    private func useFont(_ size: Double, isBold: Bool) {
        cairo_select_font_face(
            context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, size)
    }

    /// How wide a text is.
    func width(of text: String, size: Double, isBold: Bool = false) -> Double {
        useFont(size, isBold: isBold)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    /// A text cut to a width, with `…` where something is cut off.
    func cut(_ text: String, to limit: Double, size: Double, isBold: Bool = false) -> String {
        // No letter is narrower than a point; a very long text need not be measured.
        var kept = Array(text.prefix(Int(max(0, limit)) + 1))
        guard kept.count < text.count || width(of: text, size: size, isBold: isBold) > limit else { return text }
        while !kept.isEmpty, width(of: String(kept) + "…", size: size, isBold: isBold) > limit { kept.removeLast() }
        return String(kept) + "…"
    }

    /// A text that rises from left to right and ends at a place.
    /// - Parameter angle: in radians, from the level.
    func risingText(_ text: String, endX: Double, endY: Double, angle: Double, size: Double, colour: Colour) {
        let width = width(of: text, size: size)
        cairo_save(context)
        cairo_translate(context, endX, endY)
        cairo_rotate(context, -angle)
        use(colour)
        cairo_move_to(context, -width, size * 0.35)
        cairo_show_text(context, text)
        cairo_restore(context)
    }

    /// A text whose baseline is at `y`.
    func text(
        _ text: String, x: Double, y: Double, size: Double, colour: Colour, alignment: Alignment = .leading,
        isBold: Bool = false
    ) {
        let width = width(of: text, size: size, isBold: isBold)
        let start =
            switch alignment {
            case .leading: x
            case .centre: x - width / 2
            case .trailing: x - width
            }
        use(colour)
        cairo_move_to(context, start, y)
        cairo_show_text(context, text)
    }

    // MARK: The file

    /// Collects what Cairo writes.
    private final class Bytes {
        var list: [UInt8] = []
    }

    /// The image as a PNG file; nil where something went wrong while drawing or writing.
    func png() -> [UInt8]? {
        guard cairo_status(context) == CAIRO_STATUS_SUCCESS else { return nil }
        cairo_surface_flush(surface)
        let bytes = Bytes()
        let status = cairo_surface_write_to_png_stream(
            surface,
            { closure, data, count in
                guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
                let bytes = Unmanaged<Bytes>.fromOpaque(closure).takeUnretainedValue()
                bytes.list.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
                return CAIRO_STATUS_SUCCESS
            }, Unmanaged.passUnretained(bytes).toOpaque())
        return status == CAIRO_STATUS_SUCCESS ? bytes.list : nil
    }
}
