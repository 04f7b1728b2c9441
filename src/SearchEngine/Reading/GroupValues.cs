namespace SearchEngine.Reading;

/// <summary>The values by which candidates are grouped, each read once in a search. For one thread.</summary>
internal sealed class GroupValues(ICandidateSource source, string field)
{
    private readonly Dictionary<int, object?> _values = [];

    /// <summary>The value of a candidate; null where it has none. The caller has entered the moment in which it is visible.</summary>
    public object? Of(int ordinal)
    {
        if (!_values.TryGetValue(ordinal, out var value))
            _values.Add(ordinal, value = source.Read(ordinal, includeVectors: false)[field]);
        return value;
    }
}
