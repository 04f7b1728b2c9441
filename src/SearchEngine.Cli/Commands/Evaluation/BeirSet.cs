using System.Globalization;
using System.Text.Json;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// A retrieval set in the layout of BEIR (Thakur et al. 2021): corpus.jsonl (_id, title, text), queries.jsonl (_id, text)
/// and qrels/SPLIT.tsv (query-id, corpus-id, score). Only queries with a judgement above 0 count.
/// </summary>
internal sealed record BeirSet(
    IReadOnlyList<BeirSet.Passage> Corpus,
    IReadOnlyList<BeirSet.Passage> Queries,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Judgements)
{
    /// <summary>A document (title and text joined by a space) or a query.</summary>
    public sealed record Passage(string Id, string Text);

    public static BeirSet Read(string folder, string split)
    {
        if (!Directory.Exists(folder)) throw new HostException($"There is no folder {folder}.");
        var corpus = ReadPassages(RequireFile(folder, "corpus.jsonl"));
        var queries = ReadPassages(RequireFile(folder, "queries.jsonl"));
        var judgements = ReadJudgements(RequireFile(folder, Path.Combine("qrels", split + ".tsv")));
        var judged = queries.Where(query => judgements.ContainsKey(query.Id)).ToArray();
        if (corpus.Count == 0) throw new HostException($"{Path.Combine(folder, "corpus.jsonl")} holds no documents.");
        if (judged.Length == 0) throw new HostException($"No query of {Path.Combine(folder, "queries.jsonl")} has a judgement in qrels/{split}.tsv.");
        return new BeirSet(corpus, judged, judgements);
    }

    private static string RequireFile(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path)) return path;
        foreach (var (ending, tool) in new[] { (".xz", "xz -dk"), (".gz", "gzip -dk"), (".zst", "zstd -dk") })
        {
            if (File.Exists(path + ending))
                throw new HostException($"{path} is only there compressed; unpack it first: {tool} {path + ending}");
        }

        throw new HostException($"There is no {path}; a BEIR-layout folder has corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv.");
    }

    private static List<Passage> ReadPassages(string path)
    {
        var passages = new List<Passage>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                using var json = JsonDocument.Parse(line);
                var id = json.RootElement.GetProperty("_id").ToString();
                var title = json.RootElement.TryGetProperty("title", out var value) ? value.GetString() ?? string.Empty : string.Empty;
                var text = json.RootElement.GetProperty("text").GetString() ?? string.Empty;
                if (id.Length == 0 || !seen.Add(id)) throw new HostException($"{path}, line {number}: the _id '{id}' is empty or not unique.");
                passages.Add(new Passage(id, title.Length == 0 ? text : $"{title} {text}"));
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new HostException($"{path}, line {number}: not a JSON object with _id and text: {exception.Message}", exception);
            }
        }

        return passages;
    }

    private static Dictionary<string, IReadOnlyDictionary<string, int>> ReadJudgements(string path)
    {
        var judgements = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var parts = line.Split('\t');
            if (line.Length == 0 || (number == 1 && parts is [.., "score"])) continue;
            if (parts.Length != 3 || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out var grade))
                throw new HostException($"{path}, line {number}: not query-id TAB corpus-id TAB score.");
            if (grade <= 0) continue;
            if (!judgements.TryGetValue(parts[0], out var ofQuery)) judgements[parts[0]] = ofQuery = new(StringComparer.Ordinal);
            ofQuery[parts[1]] = grade;
        }

        return judgements.ToDictionary(pair => pair.Key, pair => (IReadOnlyDictionary<string, int>)pair.Value, StringComparer.Ordinal);
    }
}
