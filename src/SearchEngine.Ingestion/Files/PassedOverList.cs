namespace SearchEngine.Ingestion;

/// <summary>Counts what is passed over by kind and keeps the first paths of each. Not thread-safe.</summary>
internal sealed class PassedOverList
{
    private const int MaxExamples = 20;

    private readonly SortedDictionary<string, (int Count, List<string> Examples)> _kinds = new(StringComparer.Ordinal);

    internal void Add(string kind, string path)
    {
        var (count, examples) = _kinds.TryGetValue(kind, out var found) ? found : (0, []);
        if (examples.Count < MaxExamples)
        {
            examples.Add(path);
        }

        _kinds[kind] = (count + 1, examples);
    }

    internal IReadOnlyList<PassedOver> ToReport() => [.. _kinds.Select(k => new PassedOver(k.Key, k.Value.Count, k.Value.Examples))];
}
