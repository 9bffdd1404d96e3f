/// How large a single value may become. No row of data needs more; without a bound a line of code could ask for more
/// memory than there is in one step.
public enum ValueLimits {
    /// The UTF-8 bytes of a text.
    public static let textBytes = 1 << 28

    /// The elements of a list.
    public static let listElements = 10_000_000

    /// The error value of a text that would be longer.
    public static let text = RowError("the text would be longer than 256 MB")

    /// The error value of a list that would be longer.
    public static let list = RowError("the list would have more than 10,000,000 elements")
}
