namespace SearchEngine.Lexical.Querying;

/// <summary>Whether values of one kind are the same; byte arrays by content.</summary>
internal sealed class ValueComparer : IEqualityComparer<object>
{
    internal static readonly ValueComparer Instance = new();

    public new bool Equals(object? a, object? b) => a is byte[] x && b is byte[] y ? x.AsSpan().SequenceEqual(y) : object.Equals(a, b);

    public int GetHashCode(object value)
    {
        if (value is not byte[] bytes)
            return value.GetHashCode();
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
