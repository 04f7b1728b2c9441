namespace SearchEngine.Ingestion;

/// <summary>Counts what is passed over by kind and keeps the first paths of each. Thread-safe.</summary>
internal sealed class PassedOverList
{
    private const int MaxExamples = 20;

    private readonly Lock _adding = new();
    private readonly SortedDictionary<string, (int Count, List<string> Examples)> _kinds = new(StringComparer.Ordinal);

    /// <summary>The kind of a file that no reader takes.</summary>
    internal static string KindOf(string name) =>
        Path.GetExtension(name) is { Length: > 0 } extension ? extension.ToLowerInvariant() : "no extension, no text";

    internal void Add(string kind, string path)
    {
        lock (_adding)
        {
            AddOne(kind, path);
        }
    }

    private void AddOne(string kind, string path)
    {
        var (count, examples) = _kinds.TryGetValue(kind, out var found) ? found : (0, []);
        if (examples.Count < MaxExamples)
        {
            examples.Add(path);
        }

        _kinds[kind] = (count + 1, examples);
    }

    internal IReadOnlyList<PassedOver> ToReport()
    {
        lock (_adding)
        {
            return ListAll();
        }
    }

    private List<PassedOver> ListAll() => [.. _kinds.Select(k => new PassedOver(k.Key, k.Value.Count, k.Value.Examples))];
}
