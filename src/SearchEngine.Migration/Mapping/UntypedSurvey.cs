using System.Globalization;

namespace SearchEngine.Migration;

/// <summary>What the texts of a column without a declared type can all be read as.</summary>
internal sealed class UntypedSurvey
{
    private bool _integers = true;
    private bool _reals = true;

    public long Count { get; private set; }

    /// <summary>Whether every text is a vector as pgvector writes it; they are in <see cref="Vectors"/>.</summary>
    public bool AreVectors { get; private set; } = true;

    public VectorSurvey Vectors { get; } = new();

    /// <summary>The narrowest type that takes them all without loss.</summary>
    public DataFieldType Type =>
        _integers ? DataFieldType.Int64
        : _reals ? DataFieldType.Double
        : DataFieldType.String;

    public void Take(string text)
    {
        Count++;
        // "007" is a text that happens to be made of digits: as a number it would come back as 7.
        _integers =
            _integers
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            && integer.ToString(CultureInfo.InvariantCulture) == text;
        _reals =
            _reals
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            && double.IsFinite(real)
            && !(text.Length > 1 && text[0] == '0' && char.IsAsciiDigit(text[1]));
        if (!AreVectors)
            return;
        if (PostgresTypes.VectorOf(text) is { } vector)
            Vectors.Take(vector, string.Create(CultureInfo.InvariantCulture, $"value {Count}"));
        else
            AreVectors = false;
    }
}
