internal import CCairo

/// Lines, bars and the shapes of points.
extension ImageCanvas {
    func use(_ colour: Colour, opacity: Double = 1) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, opacity)
    }

    /// A line through points.
    /// - Parameter dash: lengths on and off; none is a whole line.
    func line(
        _ points: [(x: Double, y: Double)], width: Double, colour: Colour, opacity: Double = 1, dash: [Double] = []
    ) {
        guard let first = points.first else { return }
        use(colour, opacity: opacity)
        cairo_set_line_width(context, width)
        // Round ends would fill the gaps.
        cairo_set_line_cap(context, dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(context, dash, Int32(dash.count), 0)
        cairo_move_to(context, first.x, first.y)
        for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
        cairo_stroke(context)
        cairo_set_dash(context, [], 0, 0)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    }

    /// A filled rectangle; a negative width goes to the left.
    func rectangle(
        x: Double, y: Double, width: Double, height: Double, colour: Colour, hatch: SeriesStyle.Hatch = .none
    ) {
        use(colour)
        cairo_rectangle(context, x, y, width, height)
        cairo_fill(context)
        guard hatch != .none else { return }
        cairo_save(context)
        cairo_rectangle(context, x, y, width, height)
        cairo_clip(context)
        let (left, right) = (min(x, x + width), max(x, x + width))
        let white = Colour("#FFFFFF")
        // White lines over the colour; from outside the bar, so that they go through its corners.
        for start in stride(from: left - height, through: right + height, by: 7) {
            if hatch == .rising || hatch == .crossed {
                line([(start, y + height), (start + height, y)], width: 1.5, colour: white, opacity: 0.9)
            }
            if hatch == .falling || hatch == .crossed {
                line([(start, y), (start + height, y + height)], width: 1.5, colour: white, opacity: 0.9)
            }
        }
        for level in hatch == .level ? Array(stride(from: y + 3, to: y + height, by: 5)) : [] {
            line([(left, level), (right, level)], width: 1.5, colour: white, opacity: 0.9)
        }
        cairo_restore(context)
    }

    /// A rectangle's outline.
    func frame(x: Double, y: Double, width: Double, height: Double, line: Double, colour: Colour) {
        use(colour)
        cairo_set_line_width(context, line)
        cairo_rectangle(context, x, y, width, height)
        cairo_stroke(context)
    }

    /// A point's shape with a white rim, so that shapes that overlap stay apart.
    /// - Parameters:
    ///   - radius: of a circle; the other shapes cover about the same area.
    ///   - isFilled: else it is white inside.
    func mark(
        _ shape: SeriesStyle.Shape, x: Double, y: Double, radius: Double, colour: Colour, opacity: Double = 1,
        isFilled: Bool = true
    ) {
        let white = Colour("#FFFFFF")
        cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER)
        outline(shape, x, y, radius)
        // Rims of small points would hide how dense they are.
        if radius >= 3 {
            use(white)
            cairo_set_line_width(context, 2)
            cairo_stroke_preserve(context)
        }
        use(isFilled ? colour : white, opacity: isFilled ? opacity : 1)
        if isFilled {
            cairo_fill(context)
        } else {
            cairo_fill_preserve(context)
            use(colour, opacity: opacity)
            cairo_set_line_width(context, 1.5)
            cairo_stroke(context)
        }
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    }

    private func outline(_ shape: SeriesStyle.Shape, _ x: Double, _ y: Double, _ radius: Double) {
        cairo_new_path(context)
        let side = radius * 0.886
        let corners: [(x: Double, y: Double)]
        switch shape {
        case .circle:
            cairo_arc(context, x, y, radius, 0, 2 * .pi)
            return
        case .square: corners = [(-side, -side), (side, -side), (side, side), (-side, side)]
        case .triangle: corners = [(0, -1.35 * radius), (1.3 * radius, 0.9 * radius), (-1.3 * radius, 0.9 * radius)]
        case .triangleDown:
            corners = [(0, 1.35 * radius), (1.3 * radius, -0.9 * radius), (-1.3 * radius, -0.9 * radius)]
        case .triangleLeft:
            corners = [(-1.35 * radius, 0), (0.9 * radius, 1.3 * radius), (0.9 * radius, -1.3 * radius)]
        case .diamond: corners = [(0, -1.4 * radius), (1.15 * radius, 0), (0, 1.4 * radius), (-1.15 * radius, 0)]
        case .cross:
            let (arm, half) = (1.35 * radius, 0.42 * radius)
            corners = [
                (-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half), (half, arm),
                (-half, arm), (-half, half), (-arm, half), (-arm, -half), (-half, -half),
            ]
        }
        for (index, corner) in corners.enumerated() {
            if index == 0 {
                cairo_move_to(context, x + corner.x, y + corner.y)
            } else {
                cairo_line_to(context, x + corner.x, y + corner.y)
            }
        }
        cairo_close_path(context)
    }
}
