namespace SearchEngine.CrashHarness;

/// <summary>Holds a collection against the versions that it must have: fields, vector and presence of every key.</summary>
internal static class CrashComparison
{
    public static int? VersionOf(Dictionary<string, int> state, string key) => state.TryGetValue(key, out var version) ? version : null;

    public static List<string> Differences(SearchCollection collection, int keys, Dictionary<string, int> expected)
    {
        var differences = new List<string>();
        for (var i = 0; i < keys; i++)
        {
            if (Difference($"0-{i}", VersionOf(expected, $"0-{i}"), collection.Get($"0-{i}", includeVectors: true)) is { } difference)
                differences.Add(difference);
        }

        return differences;
    }

    public static string? Difference(string key, int? version, Document? found)
    {
        if (version is not { } wanted)
            return found is null ? null : $"{key} is there as version {found["version"]}, deleted or never written";
        if (found is null)
            return $"{key} is lost, version {wanted} was acknowledged";
        var record = CrashModel.Record(key, wanted);
        if ((int)found["version"]! != wanted || (string)found["text"]! != (string)record["text"]!)
            return $"{key} has version {found["version"]}, {wanted} was acknowledged";
        return found.Vectors["vector"].Span.SequenceEqual(record.Vectors["vector"].Span) ? null : $"{key} has another version's vector";
    }
}
