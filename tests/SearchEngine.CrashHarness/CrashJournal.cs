using System.Globalization;

namespace SearchEngine.CrashHarness;

/// <summary>
/// A writer thread's notes, read back: per key the state that must be there, or one of two where the last batch was under way.
/// </summary>
internal static class CrashJournal
{
    /// <summary>An operation: the version it wrote, or null for a deletion.</summary>
    public readonly record struct State(int? Version);

    /// <summary>The highest version number in the notes; 0 where there are none.</summary>
    public static int LastVersion(string journal) =>
        !File.Exists(journal)
            ? 0
            : ReadLines(journal)
                .Where(l => l.StartsWith("try", StringComparison.Ordinal))
                .SelectMany(Operations)
                .Select(o => o.Version)
                .DefaultIfEmpty(0)
                .Max();

    /// <summary>
    /// The acknowledged state of every key, and the state if the unacknowledged last batch was kept (null where there is none).
    /// A batch from an earlier round whose fate was seen is in <paramref name="settled"/> by its line number.
    /// </summary>
    public static (Dictionary<string, State> Acknowledged, Dictionary<string, State>? WithPending) Read(
        string journal,
        HashSet<int> settled
    )
    {
        var acknowledged = new Dictionary<string, State>();
        Dictionary<string, State>? pending = null;
        var lines = ReadLines(journal);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("try", StringComparison.Ordinal))
                continue;
            var after = new Dictionary<string, State>(acknowledged);
            foreach (var operation in Operations(lines[i]))
                after[operation.Key] = new State(operation.IsDelete ? null : operation.Version);
            var isDone = (i + 1 < lines.Length && lines[i + 1] == "done") || settled.Contains(i);
            if (isDone)
                acknowledged = after;
            else if (i == lines.Length - 1)
                pending = after;
        }

        return (acknowledged, pending);
    }

    /// <summary>How many operations of the notes were acknowledged; 0 where there are none.</summary>
    public static int CountAcknowledged(string journal, HashSet<int> settled)
    {
        if (!File.Exists(journal))
            return 0;
        var lines = ReadLines(journal);
        return Enumerable
            .Range(0, lines.Length)
            .Where(i => lines[i].StartsWith("try", StringComparison.Ordinal))
            .Where(i => (i + 1 < lines.Length && lines[i + 1] == "done") || settled.Contains(i))
            .Sum(i => Operations(lines[i]).Count());
    }

    public static int LastLine(string journal) => ReadLines(journal).Length - 1;

    private static string[] ReadLines(string journal)
    {
        var text = File.ReadAllText(journal);
        // A line without its end was cut by the kill: the batch behind it was not started.
        var end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n');
    }

    private static IEnumerable<(string Key, int Version, bool IsDelete)> Operations(string line)
    {
        foreach (var part in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var fields = part.Split(':');
            yield return (fields[1], int.Parse(fields[2], CultureInfo.InvariantCulture), fields[0] == "D");
        }
    }
}
