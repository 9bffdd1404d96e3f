/// Working memory that is kept from step to step and grows when a step needs more.
///
/// What a growing buffer held is lost.
final class FloatBuffer {
    private var storage = FloatStorage(count: 0)

    /// Memory for at least `count` floats, uninitialised; valid until the next call.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
        if storage.count < count { storage = FloatStorage(count: count) }
        return storage.base
    }
}
