namespace SearchEngine.Sharding;

/// <summary>The order of field values as the keyword index has it.</summary>
internal static class FieldOrder
{
    /// <summary>Orders values as <see cref="LexicalMapping.Value"/> makes them, NaN behind all numbers, no value behind all.</summary>
    public static int Compare(object? a, object? b, bool descending = false) =>
        (a, b) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            var (x, y) => descending ? Order(y, x) : Order(x, y),
        };

    private static int Order(object a, object b) =>
        (a, b) switch
        {
            (string x, string y) => string.CompareOrdinal(x, y),
            (double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? double.IsNaN(x).CompareTo(double.IsNaN(y)) : x.CompareTo(y),
            _ => ((IComparable)a).CompareTo(b),
        };
}
