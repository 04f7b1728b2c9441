namespace SearchEngine.Lexical;

/// <summary>
/// How a field's values are encoded. Every other .NET type is mapped onto one of these by the caller
/// (dates as ticks, enums as integers, decimals as order-preserving bytes).
/// </summary>
public enum LexicalFieldKind
{
    /// <summary>
    /// <see cref="string"/>: compared ordinally (UTF-16 code units) and case-sensitively. The only kind that can be full text.
    /// </summary>
    String,

    /// <summary><see cref="bool"/>.</summary>
    Boolean,

    /// <summary><see cref="long"/> (narrower signed and unsigned integers are widened).</summary>
    Int64,

    /// <summary><see cref="double"/> (<see cref="float"/> is widened): all values exact, -0 equals 0, NaN compares as in C#.</summary>
    Double,

    /// <summary><see cref="byte"/>[]: compared lexicographically as unsigned bytes.</summary>
    Bytes,
}
