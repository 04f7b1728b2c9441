using System.Globalization;

namespace SearchEngine.Training.Evaluation;

/// <summary>
/// Rankings in TREC's format, as trec_eval and ir_measures read them: <c>query Q0 document rank score tag</c>, separated by spaces.
/// Thread-safe.
/// </summary>
public static class RunFile
{
    private const int Columns = 6;

    /// <summary>Writes rankings, queries in ordinal order. Scores fall with the rank, since readers sort by them.</summary>
    /// <param name="path">The file, replaced.</param>
    /// <param name="rankings">Document ids, best first, by query id.</param>
    /// <param name="tag">The run's name.</param>
    /// <exception cref="TrainingException">An id or the tag holds a space, which the format cannot carry.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, IReadOnlyList<string>> rankings, string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rankings);
        var lines = new List<string>();
        foreach (var (query, documents) in rankings.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            for (var i = 0; i < documents.Count; i++)
            {
                lines.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Word(query)} Q0 {Word(documents[i])} {i + 1} {documents.Count - i} {Word(tag)}"
                    )
                );
            }
        }

        File.WriteAllLines(path, lines);
    }

    /// <summary>
    /// Reads rankings, each sorted by score, then by document id, as trec_eval does; the ranks written are not looked at.
    /// </summary>
    /// <exception cref="TrainingException">The file is missing, empty or not of the format, or ranks a document twice for a
    /// query.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"Run file '{path}' does not exist.");
        var scored = new Dictionary<string, Dictionary<string, double>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in TextFile.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length != Columns
                || !double.TryParse(fields[4], NumberStyles.Float, CultureInfo.InvariantCulture, out var score)
                || !double.IsFinite(score)
            )
            {
                throw new TrainingException($"{path}, line {number}: not a line of a TREC run (query Q0 document rank score tag).");
            }
            if (!scored.TryGetValue(fields[0], out var documents))
                scored[fields[0]] = documents = new Dictionary<string, double>(StringComparer.Ordinal);
            if (!documents.TryAdd(fields[2], score))
                throw new TrainingException($"{path}, line {number}: document '{fields[2]}' is ranked twice for query '{fields[0]}'.");
        }

        if (scored.Count == 0)
            throw new TrainingException($"Run file '{path}' is empty.");
        return scored.ToDictionary(
            q => q.Key,
            q =>
                (IReadOnlyList<string>)
                    [.. q.Value.OrderByDescending(d => d.Value).ThenByDescending(d => d.Key, StringComparer.Ordinal).Select(d => d.Key)]
        );
    }

    private static string Word(string text) =>
        text.Length > 0 && !text.Any(char.IsWhiteSpace)
            ? text
            : throw new TrainingException($"'{text}' cannot be written to a TREC run file: ids and names there are words without spaces.");
}
