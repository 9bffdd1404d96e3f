@testable import LanguageModel

/// What the products that this machine makes may err by, against PyTorch's in single precision.
///
/// Plain products (OpenBLAS; `make test` runs the references with `DISTNB_PLAIN=1` once more) agree to 1e-4. Tiles err by
/// 2^-17 a product, which backward passes through ten layers and more add up.
enum Products {
    static let gradientTolerance = TileProduct.tiles == nil ? 1e-4 : 1e-3
    /// Of gradient norms along ten steps of full fine-tuning, in which differences grow.
    static let laterNormTolerance = TileProduct.tiles == nil ? 1e-3 : 4e-3
}
