namespace SearchEngine.Api.Requests;

/// <summary>
/// Decimal numbers without an exponent as the nearest float: the digits as one integer over a power of ten, in double, are off by at most
/// two units in the last place (after W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990), so that rounding them
/// once more is right unless they lie that near the middle between two floats. These, and what is longer or tiny, are left to the
/// framework's reader, which takes several times as long.
/// </summary>
internal static class ShortDecimal
{
    /// <summary>Digits that a <see cref="ulong"/> always holds.</summary>
    private const int MaxDigits = 19;

    /// <summary>The greatest power of ten that a double holds exactly.</summary>
    private const int MaxPower = 22;

    /// <summary>The bits of a double that a float has no place for, their value in the middle between two floats, and what is near it.</summary>
    private const ulong Rest = (1UL << 29) - 1;
    private const ulong Middle = 1UL << 28;
    private const ulong Near = 4;

    /// <summary>Below it floats have fewer bits.</summary>
    private const double LeastNormal = 1.17549435082228750797e-38;

    private static readonly double[] Powers = [.. Enumerable.Range(0, MaxPower + 1).Select(power => double.Parse($"1e{power}"))];

    /// <summary>The nearest float of a JSON number; false where it takes more than this.</summary>
    /// <param name="text">A number by JSON's grammar; nothing else is recognised as wrong.</param>
    /// <param name="value">The value.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out float value)
    {
        value = 0;
        var isNegative = text.Length > 0 && text[0] == '-';
        var digits = 0UL;
        var significant = 0;
        var point = -1;
        for (var i = isNegative ? 1 : 0; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
                significant += significant > 0 || digit > 0 ? 1 : 0;
            }
            else if (text[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        var decimals = point < 0 ? 0 : text.Length - 1 - point;
        if (significant > MaxDigits || decimals > MaxPower)
            return false;
        var nearly = digits / Powers[decimals];
        var rest = BitConverter.DoubleToUInt64Bits(nearly) & Rest;
        if (digits != 0 && (nearly < LeastNormal || rest - (Middle - Near) <= 2 * Near))
            return false;
        value = (float)(isNegative ? -nearly : nearly);
        return true;
    }
}
