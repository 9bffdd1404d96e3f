/// The kinds of charts that came later, as they are drawn in text, whole.
extension ChartSnapshots {
    static let kinds = [
        Snapshot(
            chart: SampleCharts.scores, width: 40,
            text: """
                Judged politeness
                polite
                0 │████████▍                 27   9.1 %
                1 │█████████████████████████ 81    27 %
                2 │████████▍                 27   9.1 %
                3 │████████████████▋         54    18 %
                4 │█████████████████████████ 81    27 %
                5 │████████▍                 27   9.1 %
                n = 297; one bin for each whole number
                3 of 300 without a value, left out.
                """),
        Snapshot(
            chart: SampleCharts.seconds, width: 80,
            text: """
                sample.latency
                0.0 – 0.2 │████████████████████████████████████████▉          203    20 %
                0.2 – 0.4 │██████████████████████████████████████████████████ 248    25 %
                0.4 – 0.6 │██████████████████████                             109    11 %
                0.6 – 0.8 │███████████████▌                                    77   7.7 %
                0.8 – 1.0 │████████████▊                                       63   6.3 %
                1.0 – 1.2 │██████████▌                                         52   5.2 %
                1.2 – 1.4 │█████████▌                                          47   4.7 %
                1.4 – 1.6 │████████▎                                           41   4.1 %
                1.6 – 1.8 │███████▋                                            38   3.8 %
                1.8 – 2.0 │██████▉                                             34   3.4 %
                2.0 – 2.2 │██████▋                                             33   3.3 %
                2.2 – 2.4 │██████                                              30   3.0 %
                2.4 – 2.6 │█████                                               25   2.5 %
                n = 1000; bins of 0.2, each from its low edge up to the next
                """),
        Snapshot(
            chart: SampleCharts.offers, width: 40,
            text: """
                Cost against quality
                mean
                1.0 ┤
                    │    │             EF            G
                    │ B⠤⠤D⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁│
                    │ C
                    │
                0.5 ┤
                    │
                    │
                    │ A
                0.0 ┤ │
                    └─┬───────────────┬───────────────┬
                      0               2               4
                                                   cost
                                  cost   mean
                A student       0.0004  0.120
                B tuned         0.0004  0.733  front
                C gpt-4.1-nano    0.09  0.702
                D gpt-4.1-mini    0.41  0.801  front
                E cora             2.1  0.853  front
                F gpt-4.1          2.3  0.841
                G o3               3.9  0.853
                Pareto front: 3 of 7. Less cost and more
                mean are better; no other point beats
                these in one without losing in the
                other.
                """),
        Snapshot(
            chart: SampleCharts.offers, width: 80,
            text: """
                Cost against quality
                mean
                1.0 ┤
                    │                                       │   │                           │
                0.8 ┤         D⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀E   F                           G
                    │  B│⣀⣀⣀⣀⣀│
                    │  │C
                0.6 ┤
                    │
                    │
                0.4 ┤
                    │
                    │
                0.2 ┤  │
                    │  A
                0.0 ┤
                    └──┬─────────────────┬────────────────┬─────────────────┬─────────────────┬
                       0                 1                2                 3                 4
                                                                                           cost
                                  cost   mean
                A student       0.0004  0.120
                B tuned         0.0004  0.733  front
                C gpt-4.1-nano    0.09  0.702
                D gpt-4.1-mini    0.41  0.801  front
                E cora             2.1  0.853  front
                F gpt-4.1          2.3  0.841
                G o3               3.9  0.853
                Pareto front: 3 of 7. Less cost and more mean are better; no other point beats
                these in one without losing in the other.
                """),
        Snapshot(
            chart: SampleCharts.latency, width: 40,
            text: """
                Latency
                                             p50    p95
                student │ ✱                0.210  0.350
                tuned   │ ●×               0.220  0.410
                cora    │     ●─────────×  1.400  3.900
                        └┬───┬───┬──┬───┬
                         0   1   2  3   4
                                  seconds
                ● p50   × p95
                """),
        Snapshot(
            chart: SampleCharts.latency, width: 80,
            text: """
                Latency
                                                                                     p50    p95
                student │   ●─×                                                    0.210  0.350
                tuned   │   ●──×                                                   0.220  0.410
                cora    │                   ●──────────────────────────────────×   1.400  3.900
                        └┬─────────────┬─────────────┬────────────┬─────────────┬
                         0             1             2            3             4
                                                                          seconds
                ● p50   × p95
                """),
        Snapshot(
            chart: SampleCharts.lessons, width: 80,
            text: """
                score
                1.0 ┤
                    │
                0.8 ┤
                    │                                  │                   ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤●
                    │                          ⢀⣀⣀⡠⠤⠤⠤⠒●⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉                   │
                0.6 ┤              ●⣀⡠⠤⠤⠔⠒⠒⠒⠉⠉⠉⠁       │
                    │          ⣀⠤⠒⠉│
                    │     │⣀⠤⠒⠉
                0.4 ┤│ ⢀⠤⠒●
                    │●⠊⠁  │
                    ││
                0.2 ┤
                    │
                0.0 ┤
                    └─────┬─────────┬────────┬─────────┬─────────┬─────────┬────────┬─────────┬
                         50        100      150       200       250       300      350      400
                                                                                           rows
                """),
        Snapshot(
            chart: SampleCharts.intents, width: 40,
            text: """
                Intents
                rows: intent · columns:
                output_json.intent
                                1    2    3
                1 cancel_ord… [93]  18    ·
                2 track_refu…   ·  [64]  12
                3 change_shi…   ·    ·  [47]
                4 complaint     3    ·    ·
                5 get_invoice   ·    ·    ·
                                4    5    6     n  agree
                1 cancel_ord…   ·    ·    6   117   79 %
                2 track_refu…   ·    ·    4    80   80 %
                3 change_shi…   ·    9    3    59   80 %
                4 complaint   [16]   ·    1    20   80 %
                5 get_invoice   3  [15]   1    19   79 %
                columns without a row: 6 (no value)
                n = 295; 235 agree (79.7 %), 15 have no
                answer
                5 of 300 without a value, left out.
                """),
        Snapshot(
            chart: SampleCharts.intents, width: 80,
            text: """
                Intents
                rows: intent · columns: output_json.intent
                                            1    2    3    4    5    6     n  agree
                1 cancel_order            [93]  18    ·    ·    ·    6   117   79 %
                2 track_refund              ·  [64]  12    ·    ·    4    80   80 %
                3 change_shipping_address   ·    ·  [47]   ·    9    3    59   80 %
                4 complaint                 3    ·    ·  [16]   ·    1    20   80 %
                5 get_invoice               ·    ·    ·    3  [15]   1    19   79 %
                columns without a row: 6 (no value)
                n = 295; 235 agree (79.7 %), 15 have no answer
                5 of 300 without a value, left out.
                """),
        Snapshot(
            chart: SampleCharts.equal, width: 40,
            text: """
                All the same
                y
                0.55 ┤
                     │
                     │
                     │
                     │
                0.50 ┤                ✱
                     │
                     │
                     │
                0.45 ┤
                     └┬───────────────┬───────────────┬
                      2               3               4
                                                      x
                     x      y
                A a  3  0.500  front
                B b  3  0.500  front
                C c  3  0.500  front
                Pareto front: 3 of 3. Less x and more y
                are better; no other point beats these
                in one without losing in the other.
                """),
        Snapshot(
            chart: SampleCharts.noBins, width: 40,
            text: """
                Nothing
                no values
                n = 0
                3 of 3 without a value, left out.
                """),
        Snapshot(
            chart: SampleCharts.onePair, width: 40,
            text: """
                rows: intent · columns: answer
                           a  (no value)   n  agree
                a         [0]          1   1    0 %
                n = 1; 0 agree (0.0 %), 1 have no answer
                """),
    ]
}
