using System.Globalization;
using System.Text.Json;

namespace SearchEngine.Training.Evaluation;

/// <summary>A document of a retrieval data set.</summary>
/// <param name="Id">Its id in the judgements.</param>
/// <param name="Title">Its title, empty where there is none.</param>
/// <param name="Text">Its text.</param>
public sealed record BeirDocument(string Id, string Title, string Text)
{
    /// <summary>Title and text joined by a space, as BEIR's evaluation does.</summary>
    public string FullText => Title.Length == 0 ? Text : Title + " " + Text;
}

/// <summary>A query of a retrieval data set.</summary>
/// <param name="Id">Its id in the judgements.</param>
/// <param name="Text">Its text.</param>
public sealed record BeirQuery(string Id, string Text);

/// <summary>
/// A retrieval data set in BEIR's layout (Thakur et al. 2021): corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv with a header line. Immutable and thread-safe.
/// </summary>
public sealed class BeirDataset
{
    private BeirDataset(
        IReadOnlyList<BeirDocument> corpus, IReadOnlyList<BeirQuery> queries, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> judgements)
    {
        Corpus = corpus;
        Queries = queries;
        Judgements = judgements;
    }

    /// <summary>All documents, in file order.</summary>
    public IReadOnlyList<BeirDocument> Corpus { get; }

    /// <summary>The queries that the split judges, in file order.</summary>
    public IReadOnlyList<BeirQuery> Queries { get; }

    /// <summary>Grades by query id and document id.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Judgements { get; }

    /// <summary>Reads a data set.</summary>
    /// <param name="directory">Its folder.</param>
    /// <param name="split">The name of the judgements file: test, dev or train.</param>
    /// <exception cref="TrainingException">A file is missing or not in the layout; the message names file and line.</exception>
    public static BeirDataset Read(string directory, string split = "test")
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(split);
        var corpus = ReadJson(Path.Combine(directory, "corpus.jsonl"), e => new BeirDocument(Text(e, "_id"), Text(e, "title", ""), Text(e, "text")));
        var judgements = ReadJudgements(Path.Combine(directory, "qrels", split + ".tsv"));
        var queries = ReadJson(Path.Combine(directory, "queries.jsonl"), e => new BeirQuery(Text(e, "_id"), Text(e, "text")))
            .Where(q => judgements.ContainsKey(q.Id)).ToList();
        if (queries.Count == 0)
            throw new TrainingException($"None of the queries in '{directory}' is judged by qrels/{split}.tsv.");
        return new BeirDataset(corpus, queries, judgements);
    }

    private static List<T> ReadJson<T>(string path, Func<JsonElement, T> read)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(File.Exists(path + ".xz")
                ? $"'{path}' does not exist, only its compressed form: unpack it with 'xz -dk {path}.xz' (into a folder of yours)."
                : $"'{path}' does not exist. A BEIR data set is a folder of corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv.");
        }

        var items = new List<T>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var json = JsonDocument.Parse(line);
                items.Add(read(json.RootElement));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new TrainingException($"{path}, line {number}: not a record of BEIR's layout ({e.Message})", e);
            }
        }

        return items.Count > 0 ? items : throw new TrainingException($"'{path}' is empty.");
    }

    private static string Text(JsonElement record, string name, string? standard = null)
    {
        if (record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        return standard ?? throw new KeyNotFoundException($"it has no text field '{name}'");
    }

    private static Dictionary<string, IReadOnlyDictionary<string, int>> ReadJudgements(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"'{path}' does not exist. It holds the judgements: query-id, corpus-id and score, separated by tabs, after a header line.");
        var judgements = new Dictionary<string, IReadOnlyDictionary<string, int>>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (number == 1 || string.IsNullOrWhiteSpace(line))
                continue;
            var fields = line.Split('\t');
            if (fields.Length < 3 || !int.TryParse(fields[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var grade))
                throw new TrainingException($"{path}, line {number}: expected query-id, corpus-id and a whole score, separated by tabs.");
            if (!judgements.TryGetValue(fields[0], out var ofQuery))
                judgements[fields[0]] = ofQuery = new Dictionary<string, int>();
            ((Dictionary<string, int>)ofQuery)[fields[1]] = grade;
        }

        return judgements;
    }
}
