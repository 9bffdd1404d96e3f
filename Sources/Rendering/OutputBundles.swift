public import OrderedCollections
public import Tables

/// What a value becomes in a notebook file: bundles of one content in several formats, by MIME type.
public enum OutputBundles {
    /// A Vega-Lite chart carries its points; more than these would make the file heavy, and the image shows them too.
    private static let mostInlinePoints = 5_000

    /// The bundles in the order of the presentation: lines and tables up to the next chart together, a chart alone.
    /// - Parameter width: of the plain text, in characters.
    public static func bundles(of value: Value, width: Int) -> [Record] {
        var bundles: [Record] = []
        var run: [PresentationBlock] = []
        func endRun() {
            if !run.isEmpty { bundles.append(bundle(of: run, width: width)) }
            run = []
        }
        for block in value.presentation {
            guard case .chart(let chart) = block else {
                run.append(block)
                continue
            }
            endRun()
            bundles.append(bundle(of: chart, width: width))
        }
        endRun()
        return bundles
    }

    private static func bundle(of blocks: [PresentationBlock], width: Int) -> Record {
        var bundle: Record = ["text/plain": .string(ValueText.render(blocks, style: TextStyle(width: width)))]
        if blocks.contains(where: { if case .table = $0 { true } else { false } }) {
            bundle["text/markdown"] = .string(ValueMarkdown.render(blocks, width: width))
        }
        return bundle
    }

    private static func bundle(of chart: Chart, width: Int) -> Record {
        let text = ChartText.render(chart, style: TextStyle(width: width)).joined(separator: "\n")
        var bundle: Record = ["text/plain": .string(text)]
        if chart.pointCount <= mostInlinePoints {
            bundle["application/vnd.vegalite.v5+json"] = ChartVega.specification(of: chart)
        }
        if let image = ChartPNG.render(chart) { bundle["image/png"] = .string(Base64.text(image)) }
        return bundle
    }
}
