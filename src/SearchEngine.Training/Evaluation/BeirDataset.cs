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
/// A retrieval data set in BEIR's layout (Thakur et al. 2021): corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv with a header line.
/// Immutable and thread-safe.
/// </summary>
public sealed class BeirDataset
{
    private BeirDataset(
        IReadOnlyList<BeirDocument> corpus,
        IReadOnlyList<BeirQuery> queries,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> judgements
    )
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
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Judgements { get; }

    /// <summary>Reads a data set.</summary>
    /// <param name="directory">Its folder.</param>
    /// <param name="split">The name of the judgements file: test, dev or train.</param>
    /// <exception cref="TrainingException">A file is missing or not in the layout; the message names file and line.</exception>
    public static BeirDataset Read(string directory, string split = "test")
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(split);
        var corpus = ReadJson(
            Path.Combine(directory, "corpus.jsonl"),
            d => d.Id,
            e => new BeirDocument(Id(e), Text(e, "title", ""), Text(e, "text"))
        );
        var judgements = ReadJudgements(Path.Combine(directory, "qrels", split + ".tsv"));
        var queries = ReadJson(Path.Combine(directory, "queries.jsonl"), q => q.Id, e => new BeirQuery(Id(e), Text(e, "text")))
            .Where(q => judgements.ContainsKey(q.Id))
            .ToList();
        if (queries.Count == 0)
            throw new TrainingException($"None of the queries in '{directory}' is judged by qrels/{split}.tsv.");
        return new BeirDataset(corpus, queries, judgements);
    }

    private static List<T> ReadJson<T>(string path, Func<T, string> id, Func<JsonElement, T> read)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                File.Exists(path + ".xz")
                    ? $"'{path}' does not exist, only its compressed form: unpack it with 'xz -dk {path}.xz' (into a folder of yours)."
                    : $"'{path}' does not exist. A BEIR data set is a folder of corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."
            );
        }

        var items = new List<T>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in TextFile.ReadLines(path))
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

            if (!lines.TryAdd(id(items[^1]), number))
            {
                throw new TrainingException(
                    $"{path}, line {number}: the id '{id(items[^1])}' is that of line {lines[id(items[^1])]} already. Ids name one record each; remove or rename one."
                );
            }
        }

        return items.Count > 0 ? items : throw new TrainingException($"'{path}' is empty.");
    }

    /// <summary>Ids are texts in BEIR's own files and numbers in many others'; judgements name both the same way.</summary>
    private static string Id(JsonElement record) =>
        record.TryGetProperty("_id", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(record, "_id");

    private static string Text(JsonElement record, string name, string? standard = null)
    {
        if (record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        return standard ?? throw new KeyNotFoundException($"it has no text field '{name}'");
    }

    private static Dictionary<string, IReadOnlyDictionary<string, double>> ReadJudgements(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                $"'{path}' does not exist. It holds the judgements: query-id, corpus-id and score, separated by tabs, after a header line."
            );
        }
        var judgements = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        var number = 0;
        foreach (var line in TextFile.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            // BEIR's three columns, or the four of TREC, whose second says nothing.
            var fields = line.Split(
                line.Contains('\t') ? '\t' : ' ',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            );
            var columns = fields.Length == 4 ? 4 : 3;
            if (
                fields.Length < columns
                || !double.TryParse(fields[columns - 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var grade)
                || !double.IsFinite(grade)
            )
            {
                if (number == 1)
                    continue;
                throw new TrainingException($"{path}, line {number}: expected query-id, corpus-id and a number, separated by tabs.");
            }

            var document = fields[columns - 2];
            if (!judgements.TryGetValue(fields[0], out var ofQuery))
                judgements[fields[0]] = ofQuery = new Dictionary<string, double>();
            if (!((Dictionary<string, double>)ofQuery).TryAdd(document, grade) && ofQuery[document] != grade)
            {
                throw new TrainingException(
                    $"{path}, line {number}: document '{document}' is judged twice for query '{fields[0]}', with different grades. Remove one."
                );
            }
        }

        return judgements;
    }
}
