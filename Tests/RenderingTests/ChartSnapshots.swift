import Tables

/// Charts as they are drawn in text, whole.
enum ChartSnapshots {
    struct Snapshot: Sendable {
        let chart: Chart
        let width: Int
        let text: String
    }

    static let all = [
        Snapshot(
            chart: SampleCharts.models, width: 40,
            text: """
                student  ·······················  0.000
                tuned    ███████████████▓▓─┤····  0.733
                cora     ██████████████████▓▓┤··  0.853
                """),
        Snapshot(
            chart: SampleCharts.models, width: 100,
            text: """
                student  ─┤················································  0.000
                tuned    █████████████████████████████████▓▓▓▓──┤··········  0.733
                cora     ███████████████████████████████████████▓▓▓▓─┤·····  0.853
                """),
        Snapshot(
            chart: SampleCharts.losses, width: 40,
            text: """
                Loss of tuned
                loss
                3 ┤
                  │⡀
                  │⢻⡀
                2 ┤⠸⣿⣄
                  │ ⠸●⠳×
                  │  ⠘⢷⣈⠙⠲⠤⣄⣀
                1 ┤    ⠙⠿⣶⣤⣀⡈×⠙⠒⠒⠦⠤×⠤⣄⣀⣀⣀×⣀⡀
                  │       ⠉●⠛⠿⠷⣶⣦●⣤⣤⣤⣤⣀⣀⣀⣀⣀⣉⡉⣉⠉×⠉⠉⠉⠉⠉×⠒
                  │                ⠉⠉⠉⠉●⠙⠋⠛⠛⠛●⠛⠛⠛⠟⠿●⠿⠿⠟
                0 ┤
                  └──────────────┬─────────────┬───────
                                200           400
                                                   step
                ⠒●⠒ train   ⠒×⠒ validation
                5 of 1000 without a value, left out
                (validation 5).
                """),
        Snapshot(
            chart: SampleCharts.losses, width: 100,
            text: """
                Loss of tuned
                loss
                2.5 ┤⣦
                    │⠸⡷⡄
                2.0 ┤ ⠸⣈⢦⡀
                    │  ⠛⣆⠙⠦⣀
                    │   ⠘⣶⡀⠈⠑⠦⣀
                1.5 ┤     ●⣦⣄ ⠈×⠒⠤⣀⡀
                    │      ⠘⠙⣦⣦⣀   ⠈⠙⠒⠢⠤⢄⣀⣀
                    │        ⠈⠈⠻⠷⣷⣄⣄⡀⡀    ⠈⠉⠉⠓×⠒⠤⠤⠤⣄⣀⣀⣀⡀
                1.0 ┤            ⠈⠘⠋⠻⠻⣶⣴⣤⣠⣀⢀⡀          ⠈⠉⠉⠉⠉⠓⠒×⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⣄⣀⣀×⣀⣀⣀⣀⣀⣀⡀
                    │                  ⠁⠉●⠛⠟⠻⢿⠾⡷⣶⢶⡴⣦⣄⣤⣀⣄⡀●⢀ ⣀ ⡀                     ⠈⠉⠉⠉⠉⠉⠉⠉⠉×⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠒⠒×⠒⠒⠒⠒⠒⠒
                    │                             ⠁⠈⠙⠉⠛⠙⠛⠟⠻⠟⠿⠻⠟⠿⡾⢷⡾⢷⡾⣶⣴⣦●⣴⣶⣤⢦⣤⣦⣤⣦⣤⣠⣄⣤⣠⣄⣤●⣠⣄⣠⣀⣀⣀⡀⣀⢀⡀⣀⡀⣀⡀⣀⡀⣀⡀⢀⡀⢀⡀ ⢀ ⢀
                0.5 ┤                                                 ⠈ ⠈ ⠁⠉⠈⠉⠈⠉⠈⠉⠋⠉⠋⠙⠋⠙⠙⠃⠛⠋⠛⠻⠛⠻⠛⠻⠛⠻⠻⠋⠿●⠿⠛⠿⠟⠿⠞⠻⠿⠻⠟⠟
                    │
                0.0 ┤
                    └─────────┬────────┬─────────┬────────┬────────┬─────────┬────────┬────────┬─────────┬────────┬
                             50       100       150      200      250       300      350      400       450     500
                                                                                                               step
                ⠒●⠒ train   ⠒×⠒ validation
                5 of 1000 without a value, left out (validation 5).
                """),
        Snapshot(
            chart: SampleCharts.points, width: 40,
            text: """
                score
                0.8 ┤              │                 │
                    │              ●                 ●
                    │     │        │                 │
                0.6 ┤     ●
                    │     │
                    │ │
                0.4 ┤ ●
                    │ │
                    │
                0.2 ┤
                    └─────┬────────┬────────┬────────┬─
                         100      200      300      400
                                                   rows
                """),
        Snapshot(
            chart: SampleCharts.points, width: 100,
            text: """
                score
                0.8 ┤                                                                                           │
                    │                                        │                                                  ●
                0.7 ┤                                        ●                                                  │
                    │                                        │                                                  │
                    │               │                        │
                0.6 ┤               │
                    │               ●
                    │               │
                0.5 ┤
                    │  │
                    │  ●
                0.4 ┤  │
                    │  │
                0.3 ┤
                    └───┬───────────┬────────────┬───────────┬────────────┬───────────┬────────────┬───────────┬───
                       50          100          150         200          250         300          350         400
                                                                                                               rows
                """),
    ]
}
