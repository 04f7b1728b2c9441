using System.Globalization;

namespace SearchEngine.Migration;

/// <summary>What a column holds, value by value.</summary>
internal sealed class ColumnSurvey(string name)
{
    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    /// <summary>The kinds of values seen, each with the place of its first.</summary>
    public IReadOnlyDictionary<string, string> Kinds => _kinds;

    public long Values { get; private set; }

    public bool HasLists { get; private set; }

    public bool HasScalars { get; private set; }

    /// <summary>The place of the first list with a null in it.</summary>
    public string? NullInList { get; private set; }

    public int LongestText { get; private set; }

    /// <summary>Whole numbers of at least 2^53, which doubles would round.</summary>
    public bool HasLargeIntegers { get; private set; }

    public VectorSurvey Vectors { get; } = new();

    /// <summary>What texts of a format without types can all be read as.</summary>
    public UntypedSurvey Untyped { get; } = new();

    public void Take(object? value, string place)
    {
        if (value is null)
            return;
        Values++;
        switch (value)
        {
            case float[] vector:
                Vectors.Take(vector, place);
                _kinds.TryAdd("numbers", place);
                return;
            case object?[] list:
                HasLists = true;
                foreach (var item in list)
                {
                    if (item is null)
                        NullInList ??= place;
                    else
                        TakeScalar(item, place);
                }
                return;
            default:
                HasScalars = true;
                TakeScalar(value, place);
                return;
        }
    }

    private void TakeScalar(object value, string place)
    {
        if (value is UntypedText untyped)
            Untyped.Take(untyped.Text);
        LongestText = Math.Max(
            LongestText,
            value switch
            {
                string text => text.Length,
                JsonValue json => json.Text.Length,
                UntypedText text => text.Text.Length,
                _ => 0,
            }
        );
        HasLargeIntegers |= value is long number && Math.Abs((decimal)number) >= 1L << 53;
        _kinds.TryAdd(KindOf(value), place);
    }

    private static string KindOf(object value) =>
        value switch
        {
            bool => nameof(DataFieldType.Boolean),
            long => nameof(DataFieldType.Int64),
            float => nameof(DataFieldType.Single),
            double => nameof(DataFieldType.Double),
            decimal => nameof(DataFieldType.Decimal),
            string => nameof(DataFieldType.String),
            Guid => nameof(DataFieldType.Guid),
            DateTime => nameof(DataFieldType.DateTime),
            DateTimeOffset => nameof(DataFieldType.DateTimeOffset),
            DateOnly => nameof(DataFieldType.DateOnly),
            TimeOnly => nameof(DataFieldType.TimeOnly),
            byte[] => nameof(DataFieldType.Bytes),
            JsonValue => "JSON",
            UntypedText => "text",
            UnmappedValue unmapped => unmapped.What,
            float[] => "a list of numbers in a list",
            _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name}"),
        };
}
