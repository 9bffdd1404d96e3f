/// What numpy and scikit-learn count: written by Tests/References/counting_reference.py.
enum CountingReference {
    static let edges: [Double] = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    static let counts = [99, 101, 98, 100, 100, 99, 100, 100, 99, 101, 3]
    /// By truth and answer, both from 0 to 6.
    static let confusion = [
        [72, 0, 0, 0, 0, 0, 0],
        [0, 23, 0, 0, 0, 0, 48],
        [0, 0, 24, 48, 0, 0, 0],
        [0, 0, 0, 24, 0, 47, 0],
        [0, 0, 0, 0, 24, 48, 0],
        [0, 0, 0, 47, 0, 24, 0],
        [0, 0, 0, 0, 0, 0, 71],
    ]
    static let agreeing = 262
}
